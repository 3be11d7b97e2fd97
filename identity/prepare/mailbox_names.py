"""The name that a record leaves out and its mailbox tells: "Mr Taylor" with david.taylor@ is David Taylor."""

import duckdb

from identity.prepare.contacts import is_family_mailbox

# Letters of a mailbox beside one that a name has; shorter names occur in any word
_MIN_LETTERS = 3


def add_mailbox_names(work: duckdb.DuckDBPyConnection) -> None:
    """Fill the missing name of rows of `features` with what the record's mailbox holds beside the name that it has.

    A mailbox tells a name when it holds nothing but letters of the record's one name and one further word that is known
    for the part that is missing, or is an initial of the given name. Which part the one name is follows from the use
    of both words, as for a full name. Needs `word_roles` and `nickname_roots`.
    """
    work.execute(f"create or replace table mailbox_names as {_FOUND_SQL}")
    work.execute(_FILL_SQL)
    work.execute("drop table mailbox_names")


def _folded(letters: str) -> str:
    # ä is told as a or as ae
    return f"replace(replace(replace({letters}, 'ae', 'a'), 'oe', 'o'), 'ue', 'u')"


_FOUND_SQL = f"""
    with single as (
        select
            record,
            coalesce(given_name, replace(family_name, ' ', '')) as own,
            given_name is null as is_family,
            {_folded("own")} as own_letters,
            {_folded("regexp_replace(split_part(own_mailbox, '@', 1), '[^a-z]', '', 'g')")} as letters
        from (
            select *, list_filter(emails, lambda x: not {is_family_mailbox("x")})[1] as own_mailbox
            from features
            where (given_name is null) <> (family_name is null)
        )
        where length(own) >= {_MIN_LETTERS} and own_mailbox is not null
    ),

    told as (
        select
            single.*,
            if(contains(letters, own_letters), replace(letters, own_letters, ''), null) as beside,
            if(left(letters, 1) = left(own, 1), substr(letters, 2), null) as behind_initial
        from single
    ),

    judged as (
        select
            told.*,
            is_family or coalesce(own_role.given_share, 0.5) < 0.5 as may_be_family,
            not is_family and coalesce(own_role.given_share, 0.5) >= 0.5 as may_be_given,
            length(beside) = 1 or coalesce(beside_role.given_share, 0) >= 0.5 as is_given_beside,
            length(beside) >= {_MIN_LETTERS} and beside_role.given_share < 0.5 as is_family_beside,
            length(behind_initial) >= {_MIN_LETTERS} and behind_role.given_share < 0.5 as is_family_behind
        from told
        left join word_roles as own_role on own = own_role.word
        left join word_roles as beside_role on beside = beside_role.word
        left join word_roles as behind_role on behind_initial = behind_role.word
    ),

    found as (
        select
            record,
            case
                when may_be_family and is_given_beside then beside
                when may_be_given and (is_family_beside or is_family_behind) then own
            end as found_given,
            case
                when may_be_family and is_given_beside and not is_family then own
                when may_be_given and is_family_beside then beside
                when may_be_given and is_family_behind then behind_initial
            end as found_family
        from judged
    )

    select
        record,
        found_given,
        found_family,
        coalesce(roots, [found_given]) as given_roots,
        roots is not null as is_usual
    from found
    left join nickname_roots on found_given = name
    where found_given is not null or found_family is not null
"""

_FILL_SQL = f"""
    update features
    set
        given_name = coalesce(found_given, given_name),
        family_name = coalesce(found_family, family_name),
        given_tokens = if(found_given is null, given_tokens, list_sort(list_distinct(
            list_append(list_filter(given_tokens, lambda w: w <> coalesce(found_family, '')), found_given)))),
        family_tokens = if(found_family is null, family_tokens, [found_family]),
        given_roots = if(found_given is null, features.given_roots, told.given_roots),
        is_usual_given = if(found_given is null, is_usual_given, is_usual),
        own_words = list_distinct(list_filter(
            list_concat(own_words, list_concat([found_given, found_family], told.given_roots)),
            lambda w: length(w) >= {_MIN_LETTERS}))
    from mailbox_names as told
    where features.record = told.record
"""
