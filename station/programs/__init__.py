"""From items to one finished, levelled audio program."""
