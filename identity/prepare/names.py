"""Names in their compared form: lower case Latin letters, without titles, given and family name separate."""

import duckdb
import pyarrow as pa

from identity.prepare.joint_names import JOINT_WORDS, is_joint_full_name, is_joint_given_name, last_name_of_joint
from identity.prepare.name_forms import FORMS_SQL
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
drs univ habil
jr jnr snr ii iii iv esq esquire phd md mba msc bsc llm obe mbe cbe kbe kcb kcmg kcvo bt bart baronet viscount
viscountess marquess marquis hon
none null unknown anonymous
"""
# What forms and clerks put in the place of a given name; some of these are family names
_NO_GIVEN_NAMES = """
customer client kunde kundin guest gast cliente invitado invite ospite klient klientka user buyer shopper visitor test
"""
# Prefixes of family names with their abbreviations (v.d., vd); some write them, some do not
_PARTICLES = """
von van der den de la le del della di da dos das du el al bin ibn of the zu zur zum ten ter y e
vd vdb vande vander vanden vom af av dell dalla dello degli dei do dal ap
"""
# What is a prefix at the beginning of a family name alone; elsewhere it is an initial or a name
_LEADING_PARTICLES = "v d s t in op am im auf aan het"

# The father's name of a full name of Eastern Europe or Central Asia: Petrovich, Petrivna
_PATRONYMIC = "[a-z]{2,}(ovich|evich|ovych|evych|ovitch|evitch|ilyich|ovna|evna|ivna|inichna|ogly|oglu|qizi|kyzy)"

# A given name on so many records is no typo
_USUAL_COUNT = 10


def create_name_forms(work: duckdb.DuckDBPyConnection, word_roles: pa.Table | None = None) -> None:
    """Create tables `word_roles`, one row per word, and `name_forms`, one row per record: its name as compared.

    given_name is the first given name, given_joined all of them as one word, given_tokens all given and middle names,
    given_roots the formal names that the first may stand for. family_name is the family name without titles and
    prefixes, family_joined the same with prefixes as one word, family_tokens its words, further_names the words of a
    full name that its parts lack. A name of two people or a family has no given name; joint_names are its words.

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
        "joint_words": list(JOINT_WORDS),
    }
    work.execute(f"create or replace table name_parts as {_PARTS_SQL}", words)
    if word_roles is None:
        work.execute(f"create or replace table word_roles as {_ROLES_SQL}")
    else:
        work.register("word_roles_arrow", word_roles)
        work.execute("create or replace table word_roles as select * from word_roles_arrow")
        work.unregister("word_roles_arrow")
    work.execute(f"create or replace table name_words as {_WORDS_SQL}")
    settings = {"particles": _PARTICLES.split(), "leading": _LEADING_PARTICLES.split(), "usual": _USUAL_COUNT}
    work.execute(f"create or replace table name_forms as {FORMS_SQL}", settings)


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
        case
            when {_IS_USER_NAME} then null
            when {is_joint_full_name("full_name")} then {last_name_of_joint("full_name")}
            else regexp_replace(full_name, '^({_PLACEHOLDER}) ', '')
        end as full_name,
        if(regexp_full_match(given_name, '{_PLACEHOLDER}') or {is_joint_given_name("given_name")}, null, given_name)
            as given_name
    ),
        {is_joint_full_name("full_name")} or {is_joint_given_name("given_name")} as is_joint,
        if(is_joint, coalesce(given_name, full_name), null) as joint_name
    from latin_records
),

words as (
    select
        record,
        {_words("coalesce(given_name, '') || ' ' || coalesce(middle_name, '')")} as part_given,
        {_words("coalesce(family_name, '')")} as part_family,
        {_words("coalesce(full_name, '')")} as full_words,
        is_joint,
        {_words("coalesce(joint_name, '')")} as joint_given,
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
    -- "vd Berg", "van den Berg": prefixes and one word
    len(full_words) > 1 and list_contains($particles, full_words[1]) and len(full_words[1]) > 1
        and len(list_filter(full_words, lambda w: not list_contains($particles, w))) <= 1 as is_prefixed_family,
    not has_parts and full_has_comma as has_comma,
    list_filter(full_words, lambda w: not list_contains($joint_words, w)) as joint_words,
    list_filter(joint_given, lambda w: length(w) > 1 and not list_contains($joint_words, w)) as joint_names,
    if(is_joint or not has_parts, [], list_filter(
        full_words,
        lambda w: not list_contains(part_given, w) and not list_contains(part_family, w)
            and not list_contains($particles, w))) as further
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
_WORDS_SQL = f"""
with ordered as (
    select
        name_parts.*,
        len(full_words) > 1 and not has_comma
            and coalesce(last_role.given_share, 0.5) > coalesce(first_role.given_share, 0.5) + 0.2 as is_family_first,
        not has_parts and not has_comma
            and (
                is_prefixed_family and coalesce(first_role.given_share, 0) < 0.5
                or is_titled and (len(full_words) = 1 or coalesce(first_role.given_share, 0.5) < 0.5)
            ) as is_family_alone,
        len(part_given) > 0 and len(part_family) > 0
            and family_role.given_share > 0.6 and given_role.given_share < 0.4 as is_turned,
        -- Belozerov Sergey Petrovich; but Ana Maria Petrovich has two given names
        not has_parts and not has_comma and len(full_words) = 3
            and regexp_full_match(full_words[3], '{_PATRONYMIC}')
            and coalesce(second_role.given_share, 0.5) > coalesce(first_role.given_share, 0.5) + 0.1
            as is_patronymic_last
    from name_parts
    left join word_roles as given_role on part_given[1] = given_role.word
    left join word_roles as family_role on part_family[1] = family_role.word
    left join word_roles as first_role on full_words[1] = first_role.word
    left join word_roles as second_role on full_words[2] = second_role.word
    left join word_roles as last_role on full_words[-1] = last_role.word
)

select
    record,
    case
        when is_joint then []
        when has_parts and len(part_family) = 0 and len(part_given) > 0 then part_given || further[:-2]
        when is_turned then part_family
        when has_parts then part_given || further
        when has_comma and len(after_comma) > 0 then after_comma
        when is_family_alone then []
        when is_patronymic_last then full_words[2:]
        when is_family_first then full_words[-1:]
        when len(full_words) > 1 then full_words[:-2]
        else full_words
    end as given_words,
    case
        when is_joint and has_parts then part_family
        -- of "Tom & Beth" either may be a family name
        when is_joint and not is_titled and len(joint_words) < 2 and len(joint_words) = len(full_words) then []
        when is_joint then joint_words[-1:]
        when has_parts and len(part_family) = 0 then further[-1:]
        when is_turned then part_given
        when has_parts then part_family
        when has_comma and len(after_comma) > 0 then before_comma
        when is_family_alone then full_words
        when is_patronymic_last then full_words[:1]
        when is_family_first then full_words[:-2]
        when len(full_words) > 1 then full_words[-1:]
        else []
    end as family_words,
    further,
    joint_names
from ordered
"""
