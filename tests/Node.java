import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * One node of a cluster of OpenSearch on this machine. It ends when standard input does, and prints nothing: OpenSearch
 * closes standard output.
 *
 * Arguments: a folder for its data, a port, and the number of the node from 1 to 3; node N answers HTTP at port + N and
 * its peers at port + 10 + N.
 */
class Node {
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        int number = Integer.parseInt(arguments[2]);
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.setMaxHttpPort(65535);
        runner.onBuild((first, settings) -> {
            settings.put("node.name", "Node " + number);
            settings.put("http.port", port + number);
            settings.put("transport.port", port + 10 + number);
            settings.put("discovery.seed_hosts", "127.0.0.1:" + (port + 11) + ",127.0.0.1:" + (port + 12)
                + ",127.0.0.1:" + (port + 13));
            settings.put("cluster.initial_cluster_manager_nodes", "Node 1");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).clusterName("searchsvc-" + port)
            .numOfNode(1).baseHttpPort(port).useLogger());
        while (System.in.read() >= 0) {
        }
        runner.close();
    }
}
