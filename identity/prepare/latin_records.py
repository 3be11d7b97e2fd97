"""Records in Latin letters: every text of a record as it is compared, without emoji and other signs."""

import unicodedata

import duckdb
import pyarrow as pa

from identity.prepare.greek import with_latin_pairs

# Columns whose values may hold letters of any alphabet.
_LATIN_COLUMNS = ("full_name", "given_name", "middle_name", "family_name", "address_line", "city", "postcode")

# Family names of two letters; all others of East Asia in one field without a space are read as one letter
_TWO_LETTERS = (
    "歐陽|欧阳|司馬|司马|上官|諸葛|诸葛|東方|东方|皇甫|尉遲|尉迟|公孫|公孙|令狐|慕容|남궁|황보|제갈|선우|독고|사공|서문"
)
_EAST_ASIAN = r"[\p{Han}\p{Hangul}]"

# Scripts whose letters do not say how a name is written in Latin letters: kanji are read in several ways, Hangul is
# romanised in several ways, and Arabic and Hebrew leave out vowels
_SCRIPTS = {
    "hangul": r"[\p{Hangul}]",
    "han": r"[\p{Han}\p{Hiragana}\p{Katakana}]",
    "arabic": r"[\p{Arabic}]",
    "hebrew": r"[\p{Hebrew}]",
    "indic": (
        r"[\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}]"
    ),
    "thai": r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]",
}


def create_latin_records(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `latin_records`: one row per row of `records`, its texts in lower case ASCII letters.

    Adds name_script: the script of the name where Latin letters do not follow from it, else latin; null without name.
    """
    distinct = " union ".join(
        f"select {column} as value from ({_ORDERED_SQL}) where regexp_matches({column}, '[^\\x00-\\x7F]')"
        for column in _LATIN_COLUMNS
    )
    values = [row[0] for row in work.execute(f"select value from ({distinct}) order by value").fetchall()]
    work.register("latin_forms_arrow", _latin_forms(values))
    work.execute("create or replace table latin_forms as select * from latin_forms_arrow")
    work.unregister("latin_forms_arrow")
    replaced = ", ".join(f"lower(coalesce(latin_{column}.latin, {column})) as {column}" for column in _LATIN_COLUMNS)
    joins = " ".join(
        f"left join latin_forms as latin_{column} on ordered_records.{column} = latin_{column}.value"
        for column in _LATIN_COLUMNS
    )
    work.execute(
        f"create or replace table latin_records as select * replace ({replaced}) "
        f"from ({_ORDERED_SQL}) as ordered_records {joins}"
    )


def _latin_forms(values: list[str]) -> pa.Table:
    from anyascii import anyascii

    return pa.table(
        {
            "value": pa.array(values, pa.string()),
            "latin": pa.array([anyascii(with_latin_pairs(_without_signs(value))) for value in values], pa.string()),
        }
    )


def _without_signs(value: str) -> str:
    # an emoji would become its name in words; a blank stays, for words must not grow together
    return "".join(sign for sign in value if sign.isascii() or not _is_sign(sign))


def _is_sign(sign: str) -> bool:
    is_selector = 0xFE00 <= ord(sign) <= 0xFE0F
    return is_selector or unicodedata.category(sign)[0] in "SC"


_WHOLE_NAME = "coalesce(full_name, '') || coalesce(given_name, '') || coalesce(family_name, '')"

# East Asian names begin with the family name; "Family, Given" is how a full name says so
_FAMILY_FIRST = rf"""
    case
        when regexp_full_match(trim(full_name), '{_EAST_ASIAN}+[\s\p{{Z}}]+{_EAST_ASIAN}+')
            then regexp_replace(trim(full_name), '[\s\p{{Z}}]+', ', ')
        when regexp_full_match(trim(full_name), '({_TWO_LETTERS}){_EAST_ASIAN}{{1,2}}')
            or regexp_full_match(trim(full_name), '\p{{Han}}{{4}}')
            then left(trim(full_name), 2) || ', ' || substr(trim(full_name), 3)
        when regexp_full_match(trim(full_name), '{_EAST_ASIAN}{{2,3}}')
            then left(trim(full_name), 1) || ', ' || substr(trim(full_name), 2)
        else full_name
    end
"""
_NAME_SCRIPT = " ".join(f"when regexp_matches(name, '{signs}') then '{script}'" for script, signs in _SCRIPTS.items())
_ORDERED_SQL = f"""
    select
        * exclude (name) replace ({_FAMILY_FIRST} as full_name),
        case {_NAME_SCRIPT} when name <> '' then 'latin' end as name_script
    from (select *, {_WHOLE_NAME} as name from records)
"""
