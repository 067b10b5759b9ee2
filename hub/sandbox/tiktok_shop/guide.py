"""The pretend catalogue: category tree v2, attributes, category rules, brands. The names and ids are the sandbox's own.

Leaves of food ask for the licence attributes that are compulsory for food and drink since 2026-05-26; one leaf asks
for a certificate, one is prohibited, one needs an invitation.
"""

from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad

ROOTS = {
    "600001": ("Thực phẩm và đồ uống", (
        ("905001", "Rau, củ, quả tươi"), ("905002", "Thịt, thủy sản, trứng tươi"), ("905003", "Gạo, ngũ cốc, hạt"),
        ("905004", "Mật ong"), ("905005", "Đồ ăn nhanh"), ("905992", "Bún, miến, bánh từ gạo"),
        ("905007", "Trái cây sấy, rau củ chế biến"), ("905008", "Thịt, thủy sản chế biến"),
        ("905009", "Nước mắm, nước chấm"), ("905010", "Gia vị khô"), ("905011", "Trà"), ("905012", "Trà thảo mộc"),
        ("905013", "Cà phê, ca cao"), ("905014", "Rượu"), ("905016", "Nước khoáng, nước đóng chai"),
        ("905017", "Nước trái cây, đồ uống khác"),
    )),
    "600002": ("Sức khỏe và làm đẹp", (
        ("905018", "Thực phẩm bảo vệ sức khỏe"), ("905019", "Mỹ phẩm thảo dược"), ("905020", "Tinh dầu, dược liệu"),
    )),
    "600003": ("Nhà cửa và đời sống", (
        ("905021", "Đồ thủ công mỹ nghệ"), ("905022", "Vải, thổ cẩm"), ("905023", "Hoa"), ("905024", "Cây cảnh"),
        ("905025", "Vật nuôi cảnh"),
    )),
}  # fmt: skip
FOOD = {leaf for leaf, _ in ROOTS["600001"][1]}
PROHIBITED, INVITED, CERTIFIED, NO_COD = "905014", "905025", "905018", "905023"
PLACEHOLDERS = {"0", "00", "000", "000000", "n/a", "na", "none", "không", "khong co", "không có", "123456", "xxx"}
LICENCE = "101397"
BRANDS = [
    {"id": "7082427311584347905", "name": "HTX Bình Liêu", "authorized_status": "AUTHORIZED", "is_t1_brand": False},
    {"id": "7082427311584347906", "name": "Nhãn lớn", "authorized_status": "UNAUTHORIEZD", "is_t1_brand": True},
    {"id": "7082427311584347907", "name": "Nhãn nhỏ", "authorized_status": "UNAUTHORIEZD", "is_t1_brand": False},
]


def status_of(leaf: str) -> str:
    return {PROHIBITED: "PROHIBITED", INVITED: "INVITE_ONLY"}.get(leaf, "AVAILABLE")


def leaves() -> dict[str, str]:
    """Leaf id -> its root's id."""
    return {leaf: root for root, (_, below) in ROOTS.items() for leaf, _ in below}


def chain(leaf: str) -> list[Json]:
    """``category_chains`` of a product."""
    root = leaves()[leaf]
    name, below = ROOTS[root]
    return [
        {"id": root, "parent_id": "0", "local_name": name, "is_leaf": False},
        {"id": leaf, "parent_id": root, "local_name": dict(below)[leaf], "is_leaf": True},
    ]


def v2(ask: Ask) -> None:
    """South-East Asia knows nothing but the second tree. Raises Refusal."""
    if ask.query.get("category_version") != "v2":
        raise Refusal(12052217, "category_version must be v2 in this region")


def categories(ask: Ask) -> Json:
    v2(ask)
    hidden = ask.query.get("include_prohibited_categories") != "true"
    word = ask.query.get("keyword", "").casefold()
    told: list[Json] = []
    for root, (name, below) in ROOTS.items():
        told.append(_category(root, "0", name, leaf=False))
        told += [
            _category(leaf, root, title, leaf=True)
            for leaf, title in below
            if not (hidden and leaf == PROHIBITED) and word in title.casefold()
        ]
    return {"categories": told}


def _category(number: str, parent: str, name: str, *, leaf: bool) -> Json:
    statuses = [status_of(number)]
    return {"id": number, "parent_id": parent, "local_name": name, "is_leaf": leaf, "permission_statuses": statuses}


def leaf_of(number: str) -> str:
    if number not in leaves():
        raise Refusal(12052024, "category must be a leaf category")
    return number


def attributes_of(leaf: str) -> list[Json]:
    """Attributes of a leaf. ``is_requried`` is the platform's own spelling."""
    told = [
        _attribute("100000", "Quy cách đóng gói", kind="SALES_PROPERTY"),
        _attribute("100398", "Nhà sản xuất", needed=True),
        _attribute("100107", "Xuất xứ", values=("Việt Nam", "Nhập khẩu"), free=False),
        _attribute("100108", "Nước nhập khẩu", when=("100107", "Nhập khẩu")),
        _attribute("100399", "Hạn sử dụng"),
        _attribute("100400", "Thành phần"),
        _attribute("100401", "Chứng nhận", several=True, values=("VietGAP", "OCOP", "HACCP")),
    ]
    if leaf in FOOD or leaves()[leaf] == "600002":
        told.append(_attribute(LICENCE, "Số giấy phép sản phẩm", needed=True))
    return told


def _attribute(
    number: str, name: str, *, needed: bool = False, kind: str = "PRODUCT_PROPERTY", several: bool = False,
    free: bool = True, values: tuple[str, ...] = (), when: tuple[str, str] | None = None,
) -> Json:  # fmt: skip
    told: Json = {
        "id": number, "name": name, "type": kind, "is_requried": needed, "is_multiple_selection": several,
        "is_customizable": free, "values": [{"id": value_id(number, value), "name": value} for value in values],
    }  # fmt: skip
    if when:
        told["requirement_conditions"] = [
            {"condition_type": "VALUE_ID_MATCH", "attribute_id": when[0], "attribute_value_id": value_id(*when)}
        ]
    return told


def value_id(attribute: str, value: str) -> str:
    """A made-up id of a listed value."""
    return f"{attribute}{sum(value.encode()) % 9000 + 1000}"


def attributes(ask: Ask) -> Json:
    v2(ask)
    return {"attributes": attributes_of(leaf_of(ask.ids[0]))}


def rules_of(leaf: str) -> Json:
    papers = [
        {"id": "7182427311584347001", "name": "Giấy xác nhận công bố", "is_required": leaf == CERTIFIED,
         "document_details": "", "sample_image_url": "", "expiration_date": {"is_required": False}},
    ]  # fmt: skip
    return {
        "product_certifications": papers, "size_chart": {"is_supported": False, "is_required": False},
        "cod": {"is_supported": leaf != NO_COD}, "package_dimension": {"is_required": leaf == "905021"},
        "seller_sku": {"is_required": leaf in FOOD}, "allowed_special_product_types": [], "fees": [],
    }  # fmt: skip


def rules(ask: Ask) -> Json:
    v2(ask)
    return rules_of(leaf_of(ask.ids[0]))


def brands(ask: Ask) -> Json:
    ask.size()
    word = ask.query.get("brand_name", "").casefold()
    found = [{**one, "brand_status": "ONLINE"} for one in BRANDS if word in str(one["name"]).casefold()]
    return {"brands": found, "total_count": len(found), "next_page_token": ""}


def new_brand(ask: Ask) -> Json:
    name = ask.body.get("name")
    if not isinstance(name, str) or not 2 <= len(name) <= 30:
        raise bad("name")
    return {"id": f"70824273115843{sum(name.encode()):05d}"}
