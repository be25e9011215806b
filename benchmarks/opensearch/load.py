"""How fast a cluster is loaded, and with how much memory: documents a second, bytes a document.

    python -m benchmarks.opensearch.load URL... --documents 100000

Documents are generated while they are loaded; the time that takes is measured first and told apart.
"""

import argparse
import resource
import time

from benchmarks.engine.corpus import generate
from searchsvc.engine.interface import EngineQuery
from searchsvc.engine.opensearch import Access, Layout, OpenSearchEngine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the generation there")
    options = parser.parse_args()
    engine = OpenSearchEngine(
        Access(tuple(options.urls)), "benchmark", "en", Layout(options.shards, options.copies, 30.0)
    )
    texts = generating = 0.0
    started, cpu = time.perf_counter(), time.process_time()
    with engine.new_generation() as generation:
        documents = iter(generate(options.documents))
        while True:
            before = time.process_time()
            document = next(documents, None)
            generating += time.process_time() - before
            if document is None:
                break
            texts += len(document.body)
            generation.add(document, document.body)
        added = time.perf_counter()
    done, cpu = time.perf_counter(), time.process_time() - cpu - generating
    sent, whole = added - started - generating, done - started - generating
    rate = options.documents / whole
    print(f"{options.documents:,} documents, {texts / options.documents:,.0f} characters each")
    print(f"{rate:,.0f} a second: {whole:.1f} s, {sent:.1f} s of them until all were added")
    print(f"not counted: {generating:.1f} s of making the documents up")
    print(f"CPU of the loader: {cpu / options.documents * 1e6:,.0f} µs a document")
    print(f"peak memory of the loader: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    info = engine.status().generation
    print(f"{info.size / options.documents:,.0f} bytes a document, copies included; {info.size / 1e6:,.0f} MB")
    assert engine.search(EngineQuery(None)).total == options.documents
    if not options.keep:
        engine._indices.delete([generation.name])
    engine.close()


if __name__ == "__main__":
    main()
