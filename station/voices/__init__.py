"""Speech engines, the catalog of voices, the speech cache."""
