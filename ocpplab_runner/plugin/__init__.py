"""What plugins see: the hooks, the context protocols, and the event types."""
