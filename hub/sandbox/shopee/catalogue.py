"""The platform's own catalogue: categories, attributes, brands, channels. Invented, in the real one's manners.

A path is written with `` > ``; only leaves can be used. Every food leaf wants an origin, a shelf life and the
responsible party; craft wants a material; units, dates, own values, several values and a child attribute occur, so that
a connector meets each input type of sheet 6.1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

DROP_DOWN, COMBO, FREE_TEXT, MULTI_DROP_DOWN, MULTI_COMBO = 1, 2, 3, 4, 5
NONE, INT, STRING, FLOAT, DATE = 0, 1, 2, 3, 4


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value of a list, perhaps with a question of its own."""

    value_id: int
    vi: str
    en: str
    child: "Attribute | None" = None


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One question about an item; ``units`` make it a quantity (format_type 2)."""

    attribute_id: int
    vi: str
    en: str
    mandatory: bool = False
    input_type: int = DROP_DOWN
    validation: int = STRING
    values: tuple[Value, ...] = ()
    units: tuple[str, ...] = ()
    most: int = 1


@dataclass(frozen=True, kw_only=True)
class Category:
    """A node; ``parent`` 0 is the top."""

    category_id: int
    parent: int
    vi: str
    en: str
    leaf: bool
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A carrier of the shop. ``size_id`` is needed for SIZE_SELECTION, the dimension for SIZE_INPUT."""

    channel_id: int
    name: str
    enabled: bool = True
    cod: bool = True
    fee_type: str = "SIZE_INPUT"
    mask: int = 0
    max_weight: float = 30.0
    sizes: tuple[int, ...] = ()


def _values(first: int, *names: tuple[str, str]) -> tuple[Value, ...]:
    return tuple(Value(value_id=first + n, vi=vi, en=en) for n, (vi, en) in enumerate(names))


ORIGIN = Attribute(
    attribute_id=100037, vi="Xuất xứ", en="Country of Origin", mandatory=True, values=_values(
        2001, ("Việt Nam", "Vietnam"), ("Nhập khẩu", "Imported")
    ),
)  # fmt: skip
SHELF_LIFE = Attribute(
    attribute_id=100010, vi="Hạn sử dụng", en="Shelf Life", mandatory=True, input_type=COMBO,
    values=_values(2101, ("1 tháng", "1 month"), ("3 tháng", "3 months"), ("6 tháng", "6 months"),
                   ("12 tháng", "12 months"), ("24 tháng", "24 months"), ("36 tháng", "36 months")),
)  # fmt: skip
RESPONSIBLE = Attribute(
    attribute_id=100999, vi="Tên tổ chức chịu trách nhiệm sản xuất", en="Responsible Manufacturer", mandatory=True,
    input_type=FREE_TEXT,
)  # fmt: skip
WEIGHT = Attribute(
    attribute_id=100095, vi="Trọng lượng", en="Net Weight", input_type=COMBO, validation=FLOAT, units=("g", "kg"),
    values=_values(2201, ("100", "100"), ("250", "250"), ("500", "500"), ("1", "1")),
)  # fmt: skip
VOLUME = Attribute(
    attribute_id=100096, vi="Thể tích", en="Volume", input_type=COMBO, validation=FLOAT, units=("ml", "l"),
    values=_values(2301, ("330", "330"), ("500", "500"), ("1", "1")),
)  # fmt: skip
EXPIRY = Attribute(attribute_id=100061, vi="Ngày hết hạn", en="Expiry Date", input_type=FREE_TEXT, validation=DATE)
PIECES = Attribute(attribute_id=100062, vi="Số lượng mỗi gói", en="Pieces per Pack", input_type=FREE_TEXT,
                   validation=INT)  # fmt: skip
FARM_CODE = Attribute(attribute_id=100064, vi="Mã số chứng nhận", en="Certificate Number", input_type=FREE_TEXT)
QUALITY = Attribute(
    attribute_id=100063, vi="Chứng nhận", en="Certification", input_type=MULTI_DROP_DOWN, most=5, values=(
        Value(value_id=2401, vi="VietGAP", en="VietGAP", child=FARM_CODE),
        Value(value_id=2402, vi="Hữu cơ", en="Organic"), Value(value_id=2403, vi="HACCP", en="HACCP"),
    ),
)  # fmt: skip
TASTE = Attribute(
    attribute_id=100065, vi="Hương vị", en="Flavour", input_type=MULTI_COMBO, most=3,
    values=_values(2501, ("Nguyên bản", "Original"), ("Cay", "Spicy"), ("Ngọt", "Sweet")),
)  # fmt: skip
MATERIAL = Attribute(
    attribute_id=100134, vi="Chất liệu", en="Material", mandatory=True, input_type=COMBO,
    values=_values(2601, ("Tre", "Bamboo"), ("Gỗ", "Wood"), ("Gốm", "Ceramic"), ("Cói", "Sedge"),
                   ("Vải thổ cẩm", "Brocade"), ("Lụa", "Silk"), ("Bông", "Cotton")),
)  # fmt: skip
ALCOHOL = Attribute(attribute_id=100066, vi="Nồng độ cồn", en="Alcohol Content", mandatory=True,
                    input_type=FREE_TEXT, validation=FLOAT, units=("%",))  # fmt: skip

_FOOD = (ORIGIN, SHELF_LIFE, RESPONSIBLE, WEIGHT, EXPIRY, PIECES, QUALITY, TASTE)
_DRINK = (ORIGIN, SHELF_LIFE, RESPONSIBLE, VOLUME, EXPIRY, PIECES)
_SPIRIT = (ORIGIN, ALCOHOL, RESPONSIBLE, VOLUME)
_HEALTH = (ORIGIN, SHELF_LIFE, RESPONSIBLE, WEIGHT, EXPIRY)
_CRAFT = (ORIGIN, MATERIAL)
_PLANT = (ORIGIN,)

# (id, Vietnamese, English, questions of its leaves, leaves)
_TREE: tuple[tuple[int, str, str, tuple[Attribute, ...], tuple[tuple[int, str, str], ...]], ...] = (
    (100630, "Thực phẩm tươi sống", "Fresh Food", _FOOD, (
        (100631, "Rau, củ, quả tươi", "Vegetables and Fruit"),
        (100632, "Thịt, thủy sản, trứng", "Meat, Seafood, Eggs"))),
    (100640, "Thực phẩm khô và đặc sản", "Dry Food and Specialities", _FOOD, (
        (100641, "Gạo, ngũ cốc, hạt", "Rice, Cereals, Nuts"),
        (100629, "Mật ong", "Honey"),
        (100642, "Đồ ăn nhanh", "Ready-to-eat Food"),
        (100643, "Bún, miến, bánh từ gạo", "Noodles and Rice Cakes"),
        (100644, "Trái cây sấy, rau củ chế biến", "Processed Fruit and Vegetables"),
        (100645, "Thịt, thủy sản chế biến", "Processed Meat and Seafood"),
        (100646, "Nước mắm, nước chấm", "Fish Sauce and Dips"),
        (100647, "Gia vị khô", "Dry Spices"))),
    (100660, "Trà, cà phê, đồ uống", "Tea, Coffee, Drinks", _DRINK, (
        (100661, "Trà", "Tea"), (100662, "Trà thảo mộc", "Herbal Tea"), (100663, "Cà phê, ca cao", "Coffee, Cocoa"),
        (100664, "Nước khoáng, nước đóng chai", "Bottled Water"),
        (100665, "Nước trái cây, đồ uống khác", "Juices and Other Drinks"))),
    (100670, "Đồ uống có cồn", "Alcohol", _SPIRIT, (
        (100671, "Rượu trắng", "Spirits"), (100672, "Rượu hoa quả, đồ uống có cồn khác", "Fruit Wine and Other"))),
    (100680, "Sức khỏe và sắc đẹp", "Health and Beauty", _HEALTH, (
        (100681, "Thực phẩm bảo vệ sức khỏe", "Food Supplements"), (100682, "Mỹ phẩm thảo dược", "Herbal Cosmetics"),
        (100683, "Tinh dầu, dược liệu", "Essential Oils and Herbs"))),
    (100700, "Nhà cửa và đời sống", "Home and Living", _CRAFT, (
        (100701, "Đồ thủ công mỹ nghệ", "Handicrafts"), (100702, "Đồ trang trí", "Decoration"))),
    (100710, "Thời trang", "Fashion", _CRAFT, (
        (100711, "Vải thổ cẩm", "Brocade"), (100712, "Quần áo truyền thống", "Traditional Clothes"))),
    (100720, "Cây cảnh và vật nuôi", "Plants and Pets", _PLANT, (
        (100721, "Hoa tươi", "Fresh Flowers"), (100722, "Cây cảnh", "Ornamental Plants"),
        (100723, "Động vật cảnh", "Ornamental Animals"))),
    (100730, "Vé và dịch vụ", "Tickets and Services", (), (
        (100731, "Du lịch cộng đồng", "Community Tourism"),)),
)  # fmt: skip
_TOP = (100600, "Bách hóa và đặc sản", "Groceries and Specialities")
_GROCERIES = (100630, 100640, 100660, 100670)


@cache
def categories() -> Mapping[int, Category]:
    """The whole tree by id: groceries are three levels deep, the rest two."""
    return {node.category_id: node for node in _nodes()}


def _nodes() -> Iterator[Category]:
    yield Category(category_id=_TOP[0], parent=0, vi=_TOP[1], en=_TOP[2], leaf=False)
    for number, vi, en, asks, leaves in _TREE:
        parent = _TOP[0] if number in _GROCERIES else 0
        yield Category(category_id=number, parent=parent, vi=vi, en=en, leaf=False)
        for leaf, leaf_vi, leaf_en in leaves:
            yield Category(category_id=leaf, parent=number, vi=leaf_vi, en=leaf_en, leaf=True, attributes=asks)


BRANDS: tuple[tuple[int, str], ...] = ((3000001, "Làng Nghề Xanh"), (3000002, "Hương Rừng"), (3000003, "Biển Bạc"))
"""(brand_id, name) of every category, beside 0 "NoBrand"."""

CHANNELS: tuple[Channel, ...] = (
    Channel(channel_id=50021, name="SPX Express"),
    Channel(channel_id=50018, name="Nhanh (đối tác)", mask=50021),
    Channel(channel_id=50031, name="Hàng Cồng Kềnh", max_weight=100.0),
    Channel(channel_id=50011, name="Tiết Kiệm", enabled=False),
    Channel(channel_id=50022, name="Hỏa Tốc", cod=False, fee_type="SIZE_SELECTION", sizes=(1, 2, 3)),
    Channel(channel_id=50099, name="Tự vận chuyển", cod=False, fee_type="CUSTOM_PRICE"),
)
"""Carriers of every shop; the one behind a mask cannot be chosen."""
