"""A pretend Zalo (Official Accounts): our own reading of the fact sheet, strict where the sheet is.

Error numbers the sheet does not give are marked unconfirmed where they are raised. The way in is ``platform.zalo``.
"""
