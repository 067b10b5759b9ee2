"""Categories, attributes and brands. The Vietnamese tree was not found (UNCONFIRMED): names and ids here are ours."""

from dataclasses import dataclass

from hub.sandbox.lazada.wire import Call, Json, Refusal, whole

_TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "Bách Hóa": {
        "Thực Phẩm Tươi Sống": ("Rau, củ, quả tươi", "Thịt, thủy sản, trứng"),
        "Đặc Sản Và Thực Phẩm Khô": (
            "Gạo, ngũ cốc, hạt", "Mật ong", "Đồ ăn nhanh", "Bún, miến, bánh từ gạo", "Trái cây sấy, rau củ chế biến",
            "Thịt, thủy sản chế biến", "Nước mắm, nước chấm", "Gia vị khô",
        ),
        "Trà, Cà Phê, Đồ Uống": (
            "Trà", "Trà thảo mộc", "Cà phê, ca cao", "Nước khoáng, nước đóng chai", "Nước trái cây, đồ uống khác",
        ),
        "Đồ Uống Có Cồn": ("Rượu trắng", "Rượu hoa quả, đồ uống có cồn khác"),
    },
    "Sức Khỏe Và Làm Đẹp": {
        "Chăm Sóc Sức Khỏe": ("Thực phẩm bảo vệ sức khỏe", "Tinh dầu, dược liệu"),
        "Làm Đẹp": ("Mỹ phẩm thảo dược",),
    },
    "Nhà Cửa Và Đời Sống": {
        "Trang Trí": ("Đồ thủ công mỹ nghệ",),
        "Vườn": ("Hoa tươi", "Cây cảnh", "Động vật cảnh"),
    },
    "Thời Trang": {"Vải": ("Vải thổ cẩm",)},
    "Vé Và Dịch Vụ": {"Du Lịch": ("Du lịch cộng đồng",)},
}  # fmt: skip
FIRST = 10_002_000
NO_BRAND = 30_768
BRANDS = ((NO_BRAND, "No Brand"), (40_001, "Hợp tác xã Mẫu"), (40_002, "Sương Sớm"), (40_003, "Núi Xanh"))


def _node(number: int, name: str, children: list[Json]) -> Json:
    told: Json = {"category_id": number, "name": name, "leaf": not children, "var": True}
    return told | ({"children": children} if children else {})


def _grow() -> tuple[list[Json], frozenset[int], frozenset[int]]:
    number, tops, leaves, known = FIRST, [], set(), set()
    for top, middles in _TREE.items():
        branches = []
        for middle, names in middles.items():
            twigs = []
            for name in names:
                number += 1
                leaves.add(number)
                twigs.append(_node(number, name, []))
            number += 1
            known.add(number)
            branches.append(_node(number, middle, twigs))
        number += 1
        known.add(number)
        tops.append(_node(number, top, branches))
    return tops, frozenset(leaves), frozenset(known | leaves)


TREE, LEAVES, KNOWN = _grow()


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One thing a category asks for."""

    name: str
    label: str
    input_type: str = "text"
    mandatory: bool = False
    sale: bool = False
    sku: bool = False
    options: tuple[str, ...] = ()


COMMON = (
    Attribute(name="name", label="Tên sản phẩm", mandatory=True),
    Attribute(name="description", label="Mô tả", input_type="richText"),
    Attribute(name="short_description", label="Điểm nổi bật", input_type="richText"),
    Attribute(name="brand", label="Thương hiệu", input_type="singleSelect", mandatory=True),
    Attribute(name="country_of_origin", label="Xuất xứ", input_type="singleSelect", mandatory=True,
              options=("Việt Nam", "Thái Lan", "Khác")),
    Attribute(name="shelf_life", label="Hạn sử dụng", input_type="enumInput", options=("6 tháng", "12 tháng")),
    Attribute(name="storage_instruction", label="Hướng dẫn bảo quản"),
    Attribute(name="manufacturer", label="Tên tổ chức chịu trách nhiệm sản xuất"),
    Attribute(name="certifications", label="Chứng nhận", input_type="multiEnumInput", options=("OCOP", "VietGAP")),
    Attribute(name="package_weight", label="Khối lượng gói hàng", input_type="numeric", mandatory=True, sku=True),
    Attribute(name="package_choice", label="Quy cách", input_type="enumInput", sale=True, sku=True),
)  # fmt: skip
BY_NAME = {one.name: one for one in COMMON}
SALE = {one.name for one in COMMON if one.sale}


def tree(call: Call) -> Json:
    return {"data": TREE}


def attributes(call: Call) -> Json:
    """Those of a leaf. ``is_mandatory`` and ``is_sale_prop`` are 0 and 1."""
    leaf_of(call.need("primary_category_id"))
    return {"data": [_attribute(place, one) for place, one in enumerate(COMMON, 1)]}


def _attribute(place: int, one: Attribute) -> Json:
    options = [{"id": 100 * place + n, "name": text, "en_name": text} for n, text in enumerate(one.options)]
    return {
        "id": place, "name": one.name, "label": one.label, "is_mandatory": int(one.mandatory), "options": options,
        "input_type": one.input_type, "attribute_type": "sku" if one.sku else "normal", "is_sale_prop": int(one.sale),
        "advanced": {"is_key_prop": int(one.mandatory)},
    }  # fmt: skip


def leaf_of(text: object) -> int:
    """A leaf's id. Raises Refusal: 201 for an unknown one, 4134 for a branch."""
    number = int(str(text)) if str(text).isdigit() else 0
    if number not in KNOWN:
        raise Refusal("201", "E201: Invalid Category Id")
    if number not in LEAVES:
        raise Refusal("4134", "BIZ_CHECK_NOT_LEAF_CATEGORY")
    return number


def brands(call: Call) -> Json:
    start, size = whole(call, "startRow", 0, 10**9, "14"), whole(call, "pageSize", 20, 200, "19")
    found = [
        {"brand_id": number, "name": name, "global_identifier": name.lower().replace(" ", "_"), "name_en": name}
        for number, name in BRANDS[start : start + size]
    ]
    page: Json = {"module": found, "total_record": len(BRANDS), "page_index": start // size + 1, "page_size": size}
    return {"data": page}


def suggest(call: Call) -> Json:
    """The leaf one of whose words stands in the name."""
    name = call.need("product_name").lower()
    for top in TREE:
        for middle in top["children"]:  # type: ignore[attr-defined]  # as grown above
            for twig in middle["children"]:
                if twig["name"].lower() in name:
                    found = {"categoryId": twig["category_id"], "categoryName": twig["name"],
                             "categoryPath": f"{top['name']} > {middle['name']} > {twig['name']}"}  # fmt: skip
                    return {"data": {"categorySuggestions": [found]}}
    raise Refusal("701", "no category suggestion")
