import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * Three nodes of OpenSearch in one process, told over standard input: "stop N" and "start N", N from 1.
 * It ends, and the nodes with it, when standard input does. It says nothing: OpenSearch closes standard output.
 *
 * Arguments: a folder to work in, and a port; node N answers HTTP at port + N and its peers at port + 10 + N.
 */
class Cluster {
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        String name = "searchsvc-" + port;
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.setMaxHttpPort(65535);
        runner.onBuild((number, settings) -> {
            settings.put("transport.port", port + 10 + number);
            settings.put("discovery.seed_hosts", "127.0.0.1:" + (port + 11) + ",127.0.0.1:" + (port + 12)
                + ",127.0.0.1:" + (port + 13));
            settings.put("cluster.initial_cluster_manager_nodes", "Node 1");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).clusterName(name)
            .numOfNode(3).baseHttpPort(port).useLogger());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.trim().split(" ");
            int node = Integer.parseInt(words[1]) - 1;
            if (words[0].equals("stop")) {
                runner.getNode(node).close();
            } else {
                runner.startNode(node);
            }
        }
        runner.close();
    }
}
