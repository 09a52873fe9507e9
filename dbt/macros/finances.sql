{% macro posted_transactions() %}
    {#- A query for the transactions that count: of a deferred one and its release, the release. -#}
select transactions.*
from {{ ref('transactions') }} as transactions
left join (
    select distinct
        account,
        deferred_transaction_id as transaction_id
    from {{ ref('int_releases') }}
) as deferred
    on transactions.account = deferred.account
    and transactions.transaction_id = deferred.transaction_id
where deferred.transaction_id is null
{%- endmacro %}

{% macro counts_in_statement(lines) %}
    {#- A condition for the lines that `profit_and_loss` adds up.

        lines: Name of the rows of `int_posted_lines`. -#}
{{ lines }}.charge_kind <> 'transfers' and ({{ lines }}.amount <> 0 or {{ lines }}.units <> 0)
{%- endmacro %}

{% macro days_to_sum_up() %}
    {#- A query for the days (account, posted_day) of `profit_and_loss` that are not right any more: those of
        the lines that were built since, and those that a transaction or a release has left. -#}
select
    account,
    posted_day
from {{ ref('int_transaction_lines') }}
where {{ amazon_sp.was_built_since() }}

union

select
    account,
    earlier_posted_day as posted_day
from {{ ref('transactions') }}
where earlier_posted_day is not null
    and {{ amazon_sp.was_built_since() }}

union

select
    account,
    posted_day
from {{ ref('int_releases') }}
where {{ amazon_sp.was_built_since() }}

union

select
    account,
    release_day as posted_day
from {{ ref('int_releases') }}
where {{ amazon_sp.was_built_since() }}
{% endmacro %}

{% macro delete_days_without_postings() %}
    {#- Delete the rows of `profit_and_loss` of days on which nothing counts any more: Amazon may date a
        transaction anew, or the tap may read a deferred transaction later than the one that releases its
        money, and then the posting moves to the day of the first. -#}
    {%- if is_incremental() -%}
delete from {{ this }}
where exists (
    select 1
    from (
        {{ amazon_sp.days_to_sum_up() | indent(8) }}
    ) as days
    where days.account = {{ this }}.account
        and days.posted_day = {{ this }}.posted_day
)
and not exists (
    select 1
    from {{ ref('int_posted_lines') }} as posted
    where posted.account = {{ this }}.account
        and posted.posted_day = {{ this }}.posted_day
        and {{ amazon_sp.counts_in_statement('posted') }}
)
    {%- endif -%}
{% endmacro %}
