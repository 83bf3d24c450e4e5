"""The web page of staff and leaders."""
