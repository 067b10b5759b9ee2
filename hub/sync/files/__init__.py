"""The channel of files: sheets out and in by profile, and listings that people report.

``profile`` how a place writes its sheets, as data · ``outgoing`` what we want there as rows · ``incoming`` rows as
orders, statements and stock (pure) · ``sheets`` files opened and written · ``take_in`` and ``reported`` what is stored.
"""
