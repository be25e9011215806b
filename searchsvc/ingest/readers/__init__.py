"""Readers of all seed formats."""
