"""Names in their compared form: lower case Latin letters, without titles, given and family name separate."""

import duckdb
import pyarrow as pa

from identity.prepare.nicknames import nickname_roots

# Titles that come before a family name when only one word follows
_COURTESY_TITLES = """
mr mrs ms miss mx dr prof professor herr frau fraulein dipl ing mme mlle monsieur madame mademoiselle sr sra srta
senor senora senorita sig signor signora dhr mevr mevrouw dott dottore dssa avv mag
"""
# Words of a name field that are no part of a name: titles, honours, generations, and what stands for no name
_NO_NAMES = f"""
{_COURTESY_TITLES}
sir lady lord dame rev reverend rt fr capt captain col colonel maj major
lt lieutenant sgt sergeant brig brigadier cmdr commander commodore adm admiral baroness
don dona sheikh haji hajji
jr jnr snr ii iii iv esq esquire phd md mba obe mbe cbe kbe kcb kcmg kcvo bt bart baronet viscount
viscountess marquess marquis hon
none null unknown anonymous
"""
# What forms and clerks put in the place of a given name; some of these are family names
_NO_GIVEN_NAMES = """
customer client kunde kundin guest gast cliente invitado invite ospite klient klientka user buyer shopper visitor test
"""
_PARTICLES = """
von van der den de la le del della di da dos das du el al bin ibn of the zu zur ten ter y e
"""

# A given name on so many records is no typo
_USUAL_COUNT = 10

# Columns whose values may hold letters of any alphabet.
_LATIN_COLUMNS = ("full_name", "given_name", "middle_name", "family_name", "address_line", "city", "postcode")


def create_latin_records(work: duckdb.DuckDBPyConnection) -> None:
    """Create table `latin_records`: one row per row of `records`, its texts in lower case ASCII letters."""
    distinct = " union ".join(
        f"select {column} as value from records where regexp_matches({column}, '[^\\x00-\\x7F]')"
        for column in _LATIN_COLUMNS
    )
    values = [row[0] for row in work.execute(f"select value from ({distinct}) order by value").fetchall()]
    work.register("latin_forms_arrow", _latin_forms(values))
    work.execute("create or replace table latin_forms as select * from latin_forms_arrow")
    work.unregister("latin_forms_arrow")
    replaced = ", ".join(f"lower(coalesce(latin_{column}.latin, {column})) as {column}" for column in _LATIN_COLUMNS)
    joins = " ".join(
        f"left join latin_forms as latin_{column} on records.{column} = latin_{column}.value"
        for column in _LATIN_COLUMNS
    )
    work.execute(f"create or replace table latin_records as select * replace ({replaced}) from records {joins}")


def _latin_forms(values: list[str]) -> pa.Table:
    from anyascii import anyascii

    return pa.table(
        {
            "value": pa.array(values, pa.string()),
            "latin": pa.array([anyascii(value) for value in values], pa.string()),
        }
    )


def create_name_forms(work: duckdb.DuckDBPyConnection, word_roles: pa.Table | None = None) -> None:
    """Create tables `word_roles`, one row per word, and `name_forms`, one row per record: its name as compared.

    given_name is the first given name, given_tokens all given and middle names, given_roots the formal names that the
    first may stand for. family_name is the whole family name without titles, family_tokens its words without particles,
    further_names the words of a full name that its parts lack.

    A single full name is read as "Family, Given" when it has a comma, as a family name alone after "Mr" or "Mrs", else
    in the order that fits how often its words are given names, and as "Given Family" when that is not clear. Parts that
    are in each other's field are exchanged by the same rule. A user name is no name.

    Args:
        work: The workspace; needs `latin_records`.
        word_roles: The word roles of a trained model (word, given_share, given_count); None to learn them.
    """
    work.register("nickname_roots_arrow", _roots_table())
    work.execute("create or replace table nickname_roots as select * from nickname_roots_arrow")
    work.unregister("nickname_roots_arrow")
    words = {
        "titles": _NO_NAMES.split(),
        "courtesy_titles": _COURTESY_TITLES.split(),
        "particles": _PARTICLES.split(),
    }
    work.execute(f"create or replace table name_parts as {_PARTS_SQL}", words)
    if word_roles is None:
        work.execute(f"create or replace table word_roles as {_ROLES_SQL}")
    else:
        work.register("word_roles_arrow", word_roles)
        work.execute("create or replace table word_roles as select * from word_roles_arrow")
        work.unregister("word_roles_arrow")
    work.execute(f"create or replace table name_words as {_WORDS_SQL}")
    settings = {"particles": _PARTICLES.split(), "usual": _USUAL_COUNT}
    work.execute(f"create or replace table name_forms as {_FORMS_SQL}", settings)


def _roots_table() -> pa.Table:
    roots = nickname_roots()
    return pa.table({"name": list(roots), "roots": pa.array(list(roots.values()), pa.list_(pa.string()))})


# an ordinal in a name is the rank in a line: 14th earl
_NO_TITLE = "w <> '' and not list_contains($titles, w) and not regexp_matches(w, '^[0-9]+(st|nd|rd|th)$')"


def _words(text: str) -> str:
    # an apostrophe joins (o'brien is obrien), every other sign divides (jean-paul is jean paul)
    letters = f"regexp_replace(replace(replace({text}, '''', ''), '`', ''), '[^a-z0-9]+', ' ', 'g')"
    return f"list_filter(string_split({letters}, ' '), lambda w: {_NO_TITLE})"


# Where a form asks for a name, some type their mailbox or a user name instead
_IS_USER_NAME = """(
    not regexp_matches(trim(full_name), '[ ,]')
    and (regexp_matches(full_name, '[0-9@]')
        or list_contains(list_transform(emails, lambda e: split_part(lower(e), '@', 1)), trim(full_name))))
"""

_PLACEHOLDER = "|".join(_NO_GIVEN_NAMES.split())

_PARTS_SQL = f"""
with named as (
    select * replace (
        if({_IS_USER_NAME}, null, regexp_replace(full_name, '^({_PLACEHOLDER}) ', '')) as full_name,
        if(regexp_full_match(given_name, '{_PLACEHOLDER}'), null, given_name) as given_name
    )
    from latin_records
),

words as (
    select
        record,
        {_words("coalesce(given_name, '') || ' ' || coalesce(middle_name, '')")} as part_given,
        {_words("coalesce(family_name, '')")} as part_family,
        {_words("coalesce(full_name, '')")} as full_words,
        full_name like '%,%' as full_has_comma,
        list_contains($courtesy_titles, regexp_extract(full_name, '[a-z]+')) as is_titled,
        {_words("split_part(coalesce(full_name, ''), ',', 2)")} as after_comma,
        {_words("split_part(coalesce(full_name, ''), ',', 1)")} as before_comma
    from named
)

select
    * exclude (full_has_comma),
    -- parts that are nothing but titles are no parts: then the full name is read
    len(part_given) > 0 or len(part_family) > 0 as has_parts,
    not has_parts and full_has_comma as has_comma,
    if(has_parts,
        list_filter(full_words, lambda w: not list_contains(part_given, w) and not list_contains(part_family, w)
            and not list_contains($particles, w)),
        []) as further
from words
"""

# One row per word of a name: how often it is a given name; known nicknames and their forms start as given names
_ROLES_SQL = """
with used as (
    select unnest(part_given[:1]) as word, 1 as is_given from name_parts
    union all
    select unnest(part_family), 0 from name_parts
    union all
    select name, 1 from nickname_roots
)

select
    word,
    round((sum(is_given) + 1) / (count(*) + 2), 4) as given_share,
    cast(sum(is_given) as integer) as given_count
from used
group by word
order by word
"""

# The order is reversed only when the last word is a given name clearly more often than the first: by a fifth. Separate
# parts are more reliable than a full name: they are exchanged only when both words mostly are the other part.
_WORDS_SQL = """
with ordered as (
    select
        name_parts.*,
        len(full_words) > 1 and not has_comma
            and coalesce(last_role.given_share, 0.5) > coalesce(first_role.given_share, 0.5) + 0.2 as is_family_first,
        not has_parts and not has_comma and is_titled
            and (len(full_words) = 1 or coalesce(first_role.given_share, 0.5) < 0.5) as is_family_alone,
        len(part_given) > 0 and len(part_family) > 0
            and family_role.given_share > 0.6 and given_role.given_share < 0.4 as is_turned
    from name_parts
    left join word_roles as given_role on part_given[1] = given_role.word
    left join word_roles as family_role on part_family[1] = family_role.word
    left join word_roles as first_role on full_words[1] = first_role.word
    left join word_roles as last_role on full_words[-1] = last_role.word
)

select
    record,
    case
        when has_parts and len(part_family) = 0 and len(part_given) > 0 then part_given || further[:-2]
        when is_turned then part_family
        when has_parts then part_given || further
        when has_comma and len(after_comma) > 0 then after_comma
        when is_family_alone then []
        when is_family_first then full_words[-1:]
        when len(full_words) > 1 then full_words[:-2]
        else full_words
    end as given_words,
    case
        when has_parts and len(part_family) = 0 then further[-1:]
        when is_turned then part_given
        when has_parts then part_family
        when has_comma and len(after_comma) > 0 then before_comma
        when is_family_alone then full_words
        when is_family_first then full_words[:-2]
        when len(full_words) > 1 then full_words[-1:]
        else []
    end as family_words,
    further
from ordered
"""

_FORMS_SQL = """
with forms as (
    select
        record,
        given_words[1] as given_name,
        nullif(array_to_string(family_words, ' '), '') as family_name,
        list_sort(list_distinct(given_words)) as given_tokens,
        list_sort(list_distinct(
            list_filter(family_words, lambda w: length(w) > 1 and not list_contains($particles, w))
        )) as family_tokens,
        list_sort(list_distinct(list_filter(further, lambda w: length(w) > 1))) as further_names
    from name_words
)

select
    forms.*,
    coalesce(nickname_roots.roots, [forms.given_name]) as given_roots,
    nickname_roots.roots is not null or coalesce(word_roles.given_count, 0) >= $usual as is_usual_given
from forms
left join nickname_roots on forms.given_name = nickname_roots.name
left join word_roles on forms.given_name = word_roles.word
"""
