"""The queue of long jobs."""
