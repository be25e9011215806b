"""Metadata of an article: declared by its seed, or extracted from its text."""
