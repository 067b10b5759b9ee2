"""The types that records of an exchange document are made of. Pure."""

import unicodedata
from datetime import UTC
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_MOST = 2**53 - 1  # what every JSON reader takes as a whole number

Id = Annotated[str, Field(min_length=1, max_length=32)]
Ref = Annotated[str, Field(min_length=1, max_length=32, description="the id of another record of this document")]
Text = Annotated[str, AfterValidator(lambda text: unicodedata.normalize("NFC", text))]
Name = Annotated[Text, Field(min_length=1)]
Short = Annotated[Text, Field(max_length=20)]
Key = Annotated[str, Field(min_length=1, max_length=60)]
RemoteKey = Annotated[str, Field(max_length=60)]
Moment = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
Money = Annotated[int, Field(ge=-_MOST, le=_MOST)]
Price = Annotated[int, Field(ge=0, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Whole = Annotated[int, Field(ge=-(2**31) + 1, le=2**31 - 1)]
Stars = Annotated[int, Field(ge=1, le=5)]
ChannelKind = Literal[
    "marketplace", "social_shop", "own_site", "provincial_portal", "livestream", "supermarket", "convenience",
    "ocop_point", "fair", "agent", "direct", "export", "file",
]  # fmt: skip


class Record(BaseModel):
    """Unknown fields are refused: what is not understood is not quietly dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)
