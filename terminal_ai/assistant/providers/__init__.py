"""Model services behind the one Provider protocol; one file a service."""
