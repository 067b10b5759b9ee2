"""The profiles that are here: every ``config/profiles/*.toml``, and ``data_dir/profiles`` for an office's own."""

import tomllib
from pathlib import Path

from hub.config import config_dir
from hub.errors import Invalid
from hub.shops.model import Shop
from hub.sync.files.profile import Profile, parse

FOLDER = "profiles"


def folders(own: Path | None = None) -> tuple[Path, ...]:
    """Where profiles lie; an office's own (``own/profiles``) win over ours of the same name."""
    ours = config_dir() / FOLDER
    return (ours,) if own is None else (own / FOLDER, ours)


def all_profiles(own: Path | None = None) -> tuple[str, ...]:
    """The ids of all profiles, sorted."""
    return tuple(sorted({file.stem for folder in folders(own) for file in folder.glob("*.toml")}))


def load(profile_id: str, own: Path | None = None) -> Profile:
    """Raises Invalid("profile_unknown") or Invalid("profile_wrong")."""
    known = all_profiles(own)
    if profile_id not in known:  # also keeps a name like ../x from reaching the disk
        raise Invalid("profile_unknown", profile=profile_id, known=", ".join(known))
    path = next(p for folder in folders(own) if (p := folder / f"{profile_id}.toml").exists())
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("profile_wrong", profile=profile_id, detail=str(error)) from error
    return parse(profile_id, document)


def profile_of(shop: Shop, own: Path | None = None) -> Profile:
    """The profile of a shop's sheets: the one it names, else its platform's (a shop by API has sheets too)."""
    return load(shop.values.get("profile") or shop.platform, own)
