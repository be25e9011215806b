"""Sample articles for `searchsvc demo`: about fictional places and people, with the clutter of scraped pages."""

from importlib import resources
from pathlib import Path


def write_articles(folder: Path) -> None:
    """Write the sample articles into `folder`, which must not exist, in a folder for each source."""
    for source in (resources.files(__package__) / "articles").iterdir():
        target = folder / source.name
        target.mkdir(parents=True)
        for article in source.iterdir():
            (target / article.name).write_bytes(article.read_bytes())
