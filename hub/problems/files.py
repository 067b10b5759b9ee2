"""Files that people bring: what cannot be read at all. Nothing of such a file is stored."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad

FILES: Mapping[str, ProblemSpec] = {
    "file_empty": bad(
        "office",
        "The file {file} is empty.",
        "Look whether it was saved or downloaded completely.",
    ),
    "file_unreadable": bad(
        "office",
        "The file {file} cannot be opened (error {errno}).",
        "Check that it is there, not open elsewhere, and that you may read it.",
    ),
    "file_unwritable": bad(
        "office",
        "The file {file} cannot be written.",
        "Close it if it is open elsewhere, look for free space on the disk, or choose another folder.",
    ),
    "units_missing": bad(
        "operator",
        "The tables of communes and provinces are not installed.",
        "Install the hub again with all its packages (vietnamadminunits).",
    ),
    "file_too_large": bad(
        "office",
        "The file {file} is too large: {megabytes:number} MB, at most {limit:number} MB.",
        "Take out pictures and sheets that do not belong to the registry, or split the file.",
    ),
    "file_not_a_spreadsheet": bad(
        "office",
        "The file {file} is not a spreadsheet, whatever its name says.",
        "Bring the registry as XLSX, XLS, ODS or CSV.",
    ),
    "file_is_a_web_page": bad(
        "office",
        "The file {file} is a web page saved under the name of a spreadsheet.",
        "Open it in Excel or LibreOffice, save it as a new .xlsx workbook and bring that one.",
    ),
    "file_extension_differs": bad(
        "office",
        "The file {file} is a workbook ({found}) under the name of a text file.",
        "Give the file its right ending and bring it again.",
    ),
    "workbook_password": bad(
        "office",
        "The workbook {file} is protected by a password.",
        "Open it, remove the password, save it and bring it again.",
    ),
    "workbook_corrupt": bad(
        "office",
        "The workbook {file} is damaged.",
        "Open it in Excel or LibreOffice, save it as a new .xlsx workbook and bring that one.",
    ),
    "workbook_binary": bad(
        "office",
        "The workbook {file} is in Excel's binary form (.xlsb), which is not read.",
        "Open it in Excel or LibreOffice, save it as a new .xlsx workbook and bring that one.",
    ),
    "workbook_bomb": bad(
        "office",
        "Unpacked, the workbook {file} would be absurdly large (part {part}, {megabytes:number} MB).",
        "Ask where the file comes from. Open it in Excel or LibreOffice, save it as a new .xlsx workbook and bring "
        "that one.",
    ),
    "workbook_too_large": bad(
        "office",
        "The workbook {file} has more parts or sheets than the {limit:number} that are read.",
        "Keep only the sheet of the registry and bring it again.",
    ),
    "workbook_without_sheets": bad(
        "office",
        "The workbook {file} has no sheet with cells.",
        "Look whether it is the right file.",
    ),
    "sheet_too_large": bad(
        "office",
        "The sheet {sheet} of {file} reaches to cell {cell} and so has more than {limit:number} cells.",
        "Delete the empty rows and columns below and beside the table, save and bring it again.",
    ),
    "text_broken_encoding": bad(
        "office",
        "The text of {file} is broken (byte {at:number}).",
        "Save it in Excel as CSV UTF-8 and bring it again.",
    ),
    "text_broken_quotes": bad(
        "office",
        "In {file} a quotation mark is opened and never closed, so rows run into each other.",
        "Correct the cell or save the table as XLSX.",
    ),
    "sheet_not_found": bad(
        "office",
        "The workbook {file} has no sheet named {sheet}.",
        "Choose one of: {sheets}.",
    ),
    "no_table_found": bad(
        "office",
        "In {file} no table of products or producers was found ({sheet}).",
        "Look whether it is the right file and whether the table has a heading row, for example Tên sản phẩm, Tên chủ "
        "thể.",
    ),
    "formulas_without_values": bad(
        "office",
        "Column {column} of sheet {sheet} in {file} holds formulas whose results were never stored ({cells:number} "
        "cells).",
        "Open the file in Excel, let it calculate, save it and bring it again.",
    ),
    "picture_unusable": bad(
        "office",
        "The picture {source} cannot be used: it is no JPEG, PNG or WebP picture of at most 10 MB.",
        "Save it as JPEG or PNG of at most 10 MB and import the file again.",
    ),
    "picture_not_found": bad(
        "office",
        "The picture {source} is not beside the file that names it.",
        "Put it into the same folder, or correct its name, and import the file again.",
    ),
    "profile_unknown": bad(
        "office",
        "There is no sheet profile {profile}.",
        "Choose one of: {known}.",
    ),
    "profile_wrong": bad(
        "operator",
        "The sheet profile {profile} cannot be read ({detail}).",
        "Correct the file in config/profiles; the other profiles are its examples.",
    ),
    "file_not_of_profile": bad(
        "office",
        "In {file} no table was found as {profile} writes it.",
        "Look whether it is the right file and has a heading row. Needed headings: {columns}.",
    ),
    "sheet_cell_missing": bad(
        "producer",
        "The sheet of this place needs {column}, which is not known.",
        "Fill it in for the product, then write the sheet again.",
    ),
    "sheet_cell_too_long": bad(
        "producer",
        "{column} has {length:number} characters; this place takes {max:number}.",
        "Shorten it.",
    ),
    "file_row_id_rounded": bad(
        "office",
        "The code {value} ({column}) was rounded by the spreadsheet program.",
        "Export the file again and do not save it in a spreadsheet program first, or set the column to text.",
    ),
    "file_row_id_too_long": bad(
        "office",
        "The code {value} ({column}) is longer than 60 characters.",
        "Look whether the right column holds the code.",
    ),
    "file_row_money_wrong": bad(
        "office",
        "The amount {value} ({column}) is no whole number of dong.",
        "Correct the cell, or leave the row out.",
    ),
    "file_row_count_wrong": bad(
        "office",
        "The quantity {value} ({column}) is no whole number of pieces.",
        "Correct the cell, or leave the row out.",
    ),
    "file_row_time_wrong": bad(
        "office",
        "The date {value} ({column}) cannot be read.",
        "Write it as 21/11/2026 08:30, or as a date cell.",
    ),
    "file_row_order_missing": bad(
        "office",
        "The row has no order number.",
        "Fill it in, or leave the row out.",
    ),
    "file_row_order_broken": bad(
        "office",
        "Another row of order {order} cannot be read, so the whole order was left out.",
        "Correct that row and bring the file again; what was taken is not taken twice.",
    ),
    "file_row_state_unknown": bad(
        "office",
        "The state {value} ({column}) is not in the profile.",
        "Tell the operator, who adds the word to the profile.",
    ),
    "file_row_goods_missing": bad(
        "office",
        "The row names no goods: no SKU, no code, no name.",
        "Fill one of them in, or leave the row out.",
    ),
    "file_row_goods_unknown": bad(
        "office",
        "The goods {value} are not known here, or fit several products.",
        "Write our SKU in the row.",
    ),
    "listing_rejected_there": bad(
        "producer",
        "The place did not take the listing: {reason}.",
        "Mend what it names, then write the sheet again.",
    ),
    "report_url_wrong": bad(
        "office",
        "{url} is no web address.",
        "Copy the address of the listing's page, beginning with https://.",
    ),
    "report_in_future": bad(
        "office",
        "The day {day:date} has not come yet.",
        "Give the day on which the listing was seen.",
    ),
    "report_product_not_clear": bad(
        "office",
        "{text} does not name one product ({fitting:number} fit).",
        "Give the product's id or its whole name.",
    ),
    "report_state_unknown": bad(
        "office",
        "{text} is no state that can be reported.",
        "Choose one of: {known}.",
    ),
    "files_format_unknown": bad(
        "office",
        "{text} is no kind of file that can be written.",
        "Choose xlsx or csv.",
    ),
    "files_kind_unknown": bad(
        "office",
        "The profile {profile} has no sheet of the kind {kind}.",
        "Choose one of: {known}.",
    ),
    "takeover_not_by_files": bad(
        "operator",
        "{shop} is no shop by files; only such a shop can be taken over by an API.",
        "Connect the account as a shop of its own.",
    ),
    "takeover_already_connected": bad(
        "operator",
        "This account is a shop of its own already ({shop}).",
        "Leave both as they are: two shops are never poured together.",
    ),
    "takeover_of_another_place": bad(
        "operator",
        "{shop} keeps the sheets of {profile}, not of {platform}.",
        "Connect the account as a shop of its own.",
    ),
}
