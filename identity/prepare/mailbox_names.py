"""Names from mailboxes: the part of a name that a record lacks and its mailbox has ("Mr Taylor" with david.taylor@)."""

import duckdb

from identity.prepare.contacts import is_family_mailbox

# Letters that a name in a mailbox has at least; shorter names occur in any word
_MIN_LETTERS = 3


def add_mailbox_names(work: duckdb.DuckDBPyConnection) -> None:
    """Fill the missing given or family name of rows of `features` from the record's mailbox.

    A mailbox has the missing name when its letters are the record's only name and one further word, which is known as
    the missing part or is an initial of the given name. Which part the only name is follows from how often both words
    are given names, as for a full name.

    Args:
        work: The workspace; needs `features`, `word_roles` and `nickname_roots`.
    """
    work.execute(f"create or replace table mailbox_names as {_FOUND_SQL}")
    work.execute(_FILL_SQL)
    work.execute("drop table mailbox_names")


def _folded(letters: str) -> str:
    # ä is written a or ae
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

    split as (
        select
            single.*,
            if(contains(letters, own_letters), replace(letters, own_letters, ''), null) as other_word,
            if(left(letters, 1) = left(own, 1), substr(letters, 2), null) as word_after_initial
        from single
    ),

    with_roles as (
        select
            split.*,
            is_family or coalesce(own_role.given_share, 0.5) < 0.5 as may_be_family,
            not is_family and coalesce(own_role.given_share, 0.5) >= 0.5 as may_be_given,
            length(other_word) = 1 or coalesce(other_role.given_share, 0) >= 0.5 as is_other_given,
            length(other_word) >= {_MIN_LETTERS} and other_role.given_share < 0.5 as is_other_family,
            length(word_after_initial) >= {_MIN_LETTERS} and after_initial_role.given_share < 0.5
                as is_family_after_initial
        from split
        left join word_roles as own_role on own = own_role.word
        left join word_roles as other_role on other_word = other_role.word
        left join word_roles as after_initial_role on word_after_initial = after_initial_role.word
    ),

    found as (
        select
            record,
            case
                when may_be_family and is_other_given then other_word
                when may_be_given and (is_other_family or is_family_after_initial) then own
            end as found_given,
            case
                when may_be_family and is_other_given and not is_family then own
                when may_be_given and is_other_family then other_word
                when may_be_given and is_family_after_initial then word_after_initial
            end as found_family
        from with_roles
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
        given_roots = if(found_given is null, features.given_roots, found.given_roots),
        is_usual_given = if(found_given is null, is_usual_given, is_usual),
        own_words = list_distinct(list_filter(
            list_concat(own_words, list_concat([found_given, found_family], found.given_roots)),
            lambda w: length(w) >= {_MIN_LETTERS}))
    from mailbox_names as found
    where features.record = found.record
"""
