"""The hub's own ground: machine, database, keys, settings."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

GROUND: Mapping[str, ProblemSpec] = {
    "pdf_missing": bad(
        "operator",
        "PDFs cannot be made: the typesetting package is not installed.",
        "Install the hub with the extra “pdf”.",
    ),
    "disk_full": bad(
        "operator",
        "The disk is full; nothing more can be stored. What was stored before is unharmed.",
        "Free space on the disk of the hub's data, then start the work again.",
    ),
    "disk_low": warn(
        "operator",
        "Only {free_mb:number} MB are free where the hub keeps its data ({folder}).",
        "Free space or move the data to a larger disk before it is full.",
    ),
    "data_dir_unwritable": bad(
        "operator",
        "The hub cannot write to its data folder {folder} ({reason}).",
        "Give the user that runs the hub the right to write there, or name another folder in the settings (data_dir).",
    ),
    "database_unreachable": bad(
        "operator",
        "The database does not answer ({detail}). Nothing was changed.",
        "Check that the database runs and that its address in the settings is right; the work goes on by itself once "
        "it answers.",
    ),
    "database_busy": warn(
        "operator",
        "The database was busy for too long; this step was not done.",
        "Try again in a minute. If it happens often, look for another program that keeps the database open.",
    ),
    "database_broken": bad(
        "operator",
        "The database is damaged ({detail}).",
        "Stop the hub, keep a copy of the damaged file, and restore the last backup.",
    ),
    "migration_behind": bad(
        "operator",
        "The database is older than this version of the hub ({missing} migrations are missing).",
        "Make a backup, then run: ocop-hub migrate.",
    ),
    "migration_ahead": bad(
        "operator",
        "The database belongs to a newer version of the hub (migration {revision}).",
        "Install that newer version again; an older one would damage the data.",
    ),
    "clock_off": bad(
        "operator",
        "This machine's clock is off ({seconds:number} seconds). Platforms refuse calls with a wrong time, and days "
        "would be counted wrongly.",
        "Switch on time synchronisation (NTP) on this machine.",
    ),
    "config_missing": bad(
        "operator",
        "The settings file {file} is not there.",
        "Copy hub.example.toml to that place, or correct the name in OCOP_CONFIG.",
    ),
    "config_broken": bad(
        "operator",
        "The settings file {file} cannot be read: {reason}.",
        "Correct that line of the file.",
    ),
    "config_wrong": bad(
        "operator",
        "A setting is wrong: {where} ({reason:label}).",
        "Correct it in the settings file ({file}) or in the environment; hub.example.toml explains every setting.",
    ),
    "key_missing": bad(
        "operator",
        "The hub has no secret key, so it cannot keep passwords of shops.",
        "Make one with ocop-hub check --new-key and put it into the key file or into OCOP_SECRET_KEYS.",
    ),
    "key_wrong": bad(
        "operator",
        "A secret key is not in the right form.",
        "Use keys made by ocop-hub check --new-key, one a line, newest first.",
    ),
    "key_weak": bad(
        "operator",
        "A secret key is too simple or comes from an example; anybody could guess it.",
        "Make a new one with ocop-hub check --new-key, put it first, keep the old one below it, then let ocop-hub "
        "check --change-keys seal everything anew.",
    ),
    "key_lost": bad(
        "operator",
        "Passwords of shops were sealed with a key that is no longer there ({shops:number} shops).",
        "Put the old key back below the newest one. Without it the owners must connect these shops again.",
    ),
    "keys_unreadable": bad(
        "operator",
        "The key file {file} cannot be read ({reason}).",
        "Check its place and that the user that runs the hub may read it.",
    ),
    "keys_open": warn(
        "operator",
        "Other users of this machine can read the key file {file}.",
        "Run: chmod 600 {file}.",
    ),
    "app_secret_weak": warn(
        "operator",
        "The secret {name} of our app on {platform} looks like an example, not a real one.",
        "Copy it from the platform's own page for developers.",
    ),
    "web_open": bad(
        "operator",
        "Pages are open to the network ({bind}) without a public address, so sign-in links and passwords would travel "
        "unprotected.",
        "Bind to 127.0.0.1 behind a web server with TLS and set web.public_url to its https address.",
    ),
    "web_plain": bad(
        "operator",
        "The public address {url} is not https.",
        "Put a web server with a TLS certificate in front and use its https address.",
    ),
    "web_unreachable": warn(
        "operator",
        "There is no public address, so platforms cannot tell us about new orders; they are fetched by schedule only.",
        "Set web.public_url when the hub can be reached from the internet.",
    ),
    "private_addresses_allowed": warn(
        "operator",
        "Addresses that shops type in may lead into our own network (allow_private_addresses).",
        "Switch it off unless this hub only talks to the sandbox.",
    ),
    "schedule_wrong": bad(
        "operator",
        "The schedule of {kind} is not understood: {cron}.",
        "Write minute hour day month weekday, for example */15 * * * *.",
    ),
    "cron_invalid": bad(
        "operator",
        "The schedule is not understood: {cron}.",
        "Write minute hour day month weekday, for example */15 * * * *.",
    ),
    "language_unknown": bad(
        "operator",
        "There are no texts in the language {language}.",
        "Choose vi or en.",
    ),
    "law_malformed": bad(
        "developer",
        "The file of legal rules cannot be read: {table} ({reason}).",
        "Correct the file regimes.toml; nothing is judged until then.",
    ),
    "connector_unknown": bad(
        "operator",
        "There is no connector named {connector}.",
        "ocop-hub connectors lists those that exist.",
    ),
    "connector_wrong": bad(
        "developer",
        "The connector {connector} cannot be used: {place} is no connector.",
        "Correct the entry point of the package that brings it.",
    ),
    "sandbox_config_unreadable": bad(
        "operator",
        "The sandbox's settings file {file} cannot be read: {detail}.",
        "Correct the file; sandbox.example.toml shows how it looks.",
    ),
    "sandbox_config_wrong": bad(
        "operator",
        "The sandbox's settings file {file} has a wrong entry: {key}.",
        "Correct that entry; sandbox.example.toml shows how it looks.",
    ),
    "lease_lost": info(
        "operator",
        "Another worker took over this shop, so this one stopped without writing anything more.",
        "Nothing to do. If it happens often, look whether a worker hangs or its clock is off.",
    ),
    "worker_stopped": warn(
        "operator",
        "The worker stopped before this run was finished.",
        "Nothing to do: the next run goes on where it stopped.",
    ),
    "bug": bad(
        "developer",
        "The hub made a mistake of its own ({error}).",
        "Send the log of this time to the developers. Nothing is lost: the work is tried again.",
    ),
    "copy_same_database": bad(
        "operator",
        "Source and target of the copy are the same database.",
        "Name two different databases.",
    ),
    "copy_source_behind": bad(
        "operator",
        "The source is not a database of this version of the hub (it stands at {revision}).",
        "Run ocop-hub migrate on it with this version first.",
    ),
    "copy_target_in_use": bad(
        "operator",
        "The target already holds data of another hub (table {table}).",
        "Choose an empty database as the target.",
    ),
    "copy_target_other": bad(
        "operator",
        "The target holds an unfinished copy of another source.",
        "Finish that copy, or choose an empty database as the target.",
    ),
    "copy_differs": bad(
        "operator",
        "After the copy the table {table} differs: {name} is {source} in the source and {target} in the target.",
        "Go on using the source. Stop everything that writes to it, then copy into an empty database again.",
    ),
    "rule_pack_missing": bad(
        "operator",
        "There is no rule pack for {platform}.",
        "Add config/channels/{platform}.toml and config/categories/{platform}.toml.",
    ),
    "job_unknown": bad(
        "operator",
        "There is no job of the kind {kind}.",
        "Choose one of: {known}.",
    ),
    "date_invalid": bad(
        "operator",
        "This is not a date or span of dates: {text}.",
        "Write dates as 2026-11-21.",
    ),
    "copy_row_refused": bad(
        "operator",
        "The target does not take a row of the table {table} ({reason}) (column {column}).",
        "Correct that value in the source, then start the copy again; it goes on where it stopped.",
    ),
    "demo_directory_taken": bad(
        "operator",
        "The folder {path} holds something else than a demo, so it was left alone.",
        "Choose an empty folder for the demo.",
    ),
    "address_taken": bad(
        "operator",
        "The hub cannot listen at {address} ({reason}).",
        "Choose another port (web.bind), or stop the program that uses this one.",
    ),
    "worker_needs_postgres": bad(
        "operator",
        "Workers and schedulers of their own need PostgreSQL; with SQLite everything runs in one process.",
        "Run ocop-hub serve, or move the hub to PostgreSQL with ocop-hub copy.",
    ),
    "copy_unfinished": bad(
        "operator",
        "The database holds an unfinished copy of another one, so it is not whole.",
        "Run the same ocop-hub copy again until it says that everything is equal; use the source until then.",
    ),
}
