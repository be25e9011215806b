"""Search that people trust over a folder of scraped articles."""

__version__ = "0.1.0"
