"""The pretend Facebook: Graph API of Pages, catalogues, lives, comments and Messenger, as the fact sheet reads."""
