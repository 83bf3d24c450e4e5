"""The radio station of a Vietnamese commune: paper bulletin in, loudspeaker out."""

__version__ = "0.1.0"
