"""What staff and leaders do with bulletins and programs, as functions over a database session.

The page, the commands, the API and the long jobs all call these, so that every rule (three texts, voided approvals,
two persons, hours) is kept in one place.  Nothing here knows Flask.  Callers own the transaction.
"""
