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
}
