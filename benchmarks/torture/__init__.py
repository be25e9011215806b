"""Programs that attack an index, its builder and the service on purpose."""
