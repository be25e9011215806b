"""Ingestion: from a folder of seeds to documents that are ready for indexing."""

from searchsvc.ingest.boilerplate import (
    NO_RECURRING_LINES,
    Overrides,
    RecurringLines,
)
from searchsvc.ingest.discovery.discovery import find_seeds
from searchsvc.ingest.discovery.partial_listing import list_paths
from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.ids import document_id, is_collision
from searchsvc.ingest.incremental.build_fingerprint import build_fingerprint
from searchsvc.ingest.incremental.changes import (
    FolderComparison,
    changed,
    compare_folder,
    compare_places,
    uncertain_paths,
    with_origins,
)
from searchsvc.ingest.incremental.document_state import PreviousDocuments, document_state
from searchsvc.ingest.incremental.first_pass import NO_FIRST_PASS, FirstPass
from searchsvc.ingest.incremental.seed_manifest import (
    NO_SEED_MANIFEST,
    Rows,
    SeedManifest,
    SeedManifestWriter,
    problems_in,
)
from searchsvc.ingest.ingested_document import IngestedDocument
from searchsvc.ingest.near_duplicates import DuplicateFinder
from searchsvc.ingest.pipeline import (
    Outcome,
    clean_file,
    clean_folder,
    clean_text,
    ingest,
    read_first_pass,
    start_workers,
)
from searchsvc.ingest.readers.field_names import FieldNames
from searchsvc.ingest.seed_guard import seed_workers
from searchsvc.ingest.shared_runs import Runs
from searchsvc.ingest.signatures import count_and_sign
from searchsvc.ingest.site_names import SiteFacts, SiteNames
from searchsvc.ingest.source import FoundSeeds, Source

__all__ = [
    "NO_FIRST_PASS",
    "NO_RECURRING_LINES",
    "NO_SEED_MANIFEST",
    "DuplicateFinder",
    "FieldNames",
    "FirstPass",
    "FolderComparison",
    "FoundSeeds",
    "IngestedDocument",
    "Outcome",
    "Overrides",
    "PreviousDocuments",
    "RecurringLines",
    "Rows",
    "Runs",
    "SeedManifest",
    "SeedManifestWriter",
    "SiteFacts",
    "SiteNames",
    "Source",
    "build_fingerprint",
    "changed",
    "clean_file",
    "clean_folder",
    "clean_text",
    "compare_folder",
    "compare_places",
    "count_and_sign",
    "document_id",
    "document_state",
    "find_seeds",
    "ingest",
    "is_collision",
    "list_paths",
    "problems_in",
    "read_first_pass",
    "seed_workers",
    "shown_path",
    "start_workers",
    "uncertain_paths",
    "with_origins",
]
