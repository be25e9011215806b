"""Programs that attack an index and its builder on purpose."""
