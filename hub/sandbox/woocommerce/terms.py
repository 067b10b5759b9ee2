"""Categories, tags, brands and attributes: small lists with unique names (sheet 2, ``term_exists``)."""

from hub.sandbox.woocommerce.site import UNCATEGORISED, Site, slugify, term_json
from hub.sandbox.woocommerce.wire import Json, Wrong, php_bool, php_int, php_text


def create_term(site: Site, kind: str, body: Json) -> Json:
    """A new category, tag or brand. The same name under the same parent exists already: Wrong."""
    name = php_text(body.get("name"))
    parent = php_int(body.get("parent"))
    for term in site.terms[kind].values():
        if term["name"] == name and term.get("parent", 0) == parent:
            data = {"status": 400, "resource_id": term["id"]}
            raise Wrong("term_exists", "A term with the name provided already exists with this parent.", 400, data)
    number = site.term_id()
    term = term_json(number, name, php_text(body.get("slug")) or _free(site, kind, slugify(name)))
    term["description"] = php_text(body.get("description"))
    if kind == "categories":
        term |= {"parent": parent, "display": "default", "image": None, "menu_order": php_int(body.get("menu_order"))}
    site.terms[kind][number] = term
    return term


def find_term(terms: dict[int, Json], number: int) -> Json:
    term = terms.get(number)
    if term is None:
        raise Wrong("woocommerce_rest_term_invalid", "Resource does not exist.", 404)
    return term


def update_term(site: Site, terms: dict[int, Json], term: Json, body: Json) -> Json:
    """Rename; products show the new name at once."""
    term |= {key: php_text(body[key]) for key in ("name", "slug", "description") if body.get(key) is not None}
    for key in ("parent", "menu_order"):
        if body.get(key) is not None and key in term:
            term[key] = php_int(body[key])
    for kind, held in site.terms.items():
        if held is terms:
            _rewrite(site, kind, term["id"], {key: term[key] for key in ("id", "name", "slug")})
    return term


def delete_term(site: Site, kind: str, term: Json) -> Json:
    if kind == "categories" and term["id"] == UNCATEGORISED:
        raise Wrong("woocommerce_rest_cannot_delete", "The default category cannot be deleted.", 500)
    del site.terms[kind][term["id"]]
    _rewrite(site, kind, term["id"], None)
    return term


def create_attribute(site: Site, body: Json) -> Json:
    name = php_text(body.get("name"))
    slug = f"pa_{slugify(php_text(body.get('slug')) or name)}"
    if any(one["slug"] == slug for one in site.attributes.values()):
        raise Wrong("woocommerce_rest_cannot_create", f"Slug {slug} is already in use.", 400)
    number = site.term_id()
    site.attributes[number] = {
        "id": number,
        "name": name,
        "slug": slug,
        "type": "select",
        "order_by": body.get("order_by") or "menu_order",
        "has_archives": php_bool(body.get("has_archives", False)),
    }
    site.attribute_terms[number] = {}
    return site.attributes[number]


def find_attribute(site: Site, number: int) -> Json:
    attribute = site.attributes.get(number)
    if attribute is None:
        raise Wrong("woocommerce_rest_taxonomy_invalid", "Resource does not exist.", 404)
    return attribute


def create_attribute_term(site: Site, attribute: int, body: Json) -> Json:
    terms = site.attribute_terms[attribute]
    name = php_text(body.get("name"))
    for term in terms.values():
        if term["name"] == name:
            data = {"status": 400, "resource_id": term["id"]}
            raise Wrong("term_exists", "A term with the name provided already exists.", 400, data)
    number = site.term_id()
    terms[number] = term_json(number, name, slugify(name)) | {"menu_order": php_int(body.get("menu_order"))}
    return terms[number]


def _free(site: Site, kind: str, slug: str) -> str:
    taken = {term["slug"] for term in site.terms[kind].values()}
    nth, free = 1, slug
    while free in taken:
        nth += 1
        free = f"{slug}-{nth}"
    return free


def _rewrite(site: Site, kind: str, number: int, shown: Json | None) -> None:
    for product in site.products.values():
        if any(term["id"] == number for term in product.json[kind]):
            others = [shown if term["id"] == number else term for term in product.json[kind]]
            product.json[kind] = [term for term in others if term is not None]
            if kind == "categories" and not product.json[kind]:
                home = site.terms[kind][UNCATEGORISED]
                product.json[kind] = [{key: home[key] for key in ("id", "name", "slug")}]
            product.encoded = None
