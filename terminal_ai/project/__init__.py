"""What a directory's files tell of the project it belongs to; nothing is ever run."""
