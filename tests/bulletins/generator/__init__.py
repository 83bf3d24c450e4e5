"""Seeded pages and photographs for measuring how well paper is read.

``papers_*.py``: invented Vietnamese bulletins of several writers and forms, drawn to a clean page with the truth of
what stands where (roles, reading order, boxes).  ``effects_*.py``: what happens to a page on its way into the station
(a phone's photo, a fax, a photocopy).  ``python -m tests.bulletins.generator FOLDER`` writes cases in the shape that
``station bench ocr --set data=FOLDER`` reads.  Every person, place and number is invented.
"""
