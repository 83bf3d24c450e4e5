"""From written Vietnamese to the words an announcer says."""
