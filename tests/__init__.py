"""Tests of the station; they mirror the package."""
