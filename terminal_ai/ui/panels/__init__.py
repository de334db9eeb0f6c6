"""What stands beside the terminal."""
