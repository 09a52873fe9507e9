{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'settlement_id'],
) }}
{%- set kinds = amazon_sp.charge_kind_names() %}
{%- set of_refunds = amazon_sp.charge_kinds_of_buyers() %}
-- The first line of a report has the total, the period and the day of deposit.
with totals as (
    select
        lines.*,
        coalesce(nullif(lines.settlement_id, ''), lines.report_id) as settlement
    from {{ ref('stg_amazon_sp__settlement_lines') }} as lines
    where lines.total_amount is not null
),

new_settlements as (
    select
        account,
        settlement_id as settlement
    from {{ ref('settlement_lines') }}
    where {{ amazon_sp.was_built_since() }}

    union

    select
        totals.account,
        totals.settlement
    from totals
    where {{ amazon_sp.is_new('totals.loaded_at') }}
    {%- if is_incremental() %}
        -- A line of a report never changes.
        and not exists (
            select 1
            from {{ this }} as built
            where built.account = totals.account
                and built.settlement_id = totals.settlement
                and built.report_id = totals.report_id
        )
    {%- endif %}
),

reports as (
    select
        totals.account,
        totals.settlement,
        totals.report_id,
        {{ amazon_sp.json_only_text('totals.marketplace_ids') }} as marketplace_id,
        totals.currency,
        totals.started_at,
        totals.ended_at,
        totals.deposited_at,
        totals.total_amount,
        totals.loaded_at,
        row_number() over (
            partition by totals.account, totals.settlement
            order by
                totals.report_created_at desc nulls last,
                totals.report_id desc,
                totals.line_number
        ) as copy
    from totals
    inner join new_settlements
        on totals.account = new_settlements.account
        and totals.settlement = new_settlements.settlement
),

sums as (
    select
        lines.account,
        lines.settlement_id,
        count(*) as lines,
        count(distinct lines.order_id) as orders,
        sum(lines.amount) as lines_total,
        {%- for kind in kinds %}
        sum(case when lines.charge_kind = '{{ kind }}'
            {%- if kind in of_refunds %} and lower(lines.transaction_type) not like '%refund%'{% endif %} then lines.amount else 0 end) as {{ kind }},
        {%- endfor %}
        sum(case
            when lower(lines.transaction_type) like '%refund%'
                and {{ amazon_sp.is_one_of('lines.charge_kind', of_refunds) }}
                then lines.amount
            else 0
        end) as refunds,
        max(lines.built_at) as built_at,
        max(lines.loaded_at) as loaded_at
    from {{ ref('settlement_lines') }} as lines
    inner join new_settlements
        on lines.account = new_settlements.account
        and lines.settlement_id = new_settlements.settlement
    group by
        lines.account,
        lines.settlement_id
)

select
    reports.account,
    reports.settlement as settlement_id,
    reports.report_id,
    reports.marketplace_id,
    marketplaces.country,
    reports.currency,
    reports.started_at,
    reports.ended_at,
    {{ amazon_sp.marketplace_day('reports.ended_at') }} as ended_day,
    reports.deposited_at,
    reports.total_amount as total,
    cast(coalesce(sums.lines_total, 0) as {{ amazon_sp.type_named('number') }}) as lines_total,
    cast(reports.total_amount - coalesce(sums.lines_total, 0) as {{ amazon_sp.type_named('number') }}) as difference,
    coalesce(sums.lines, 0) as lines,
    coalesce(sums.orders, 0) as orders,
    {%- for kind in kinds %}
    {%- if kind == 'commission' %}
    cast(coalesce(sums.refunds, 0) as {{ amazon_sp.type_named('number') }}) as refunds,
    {%- endif %}
    cast(coalesce(sums.{{ kind }}, 0) as {{ amazon_sp.type_named('number') }}) as {{ kind }},
    {%- endfor %}
    sums.built_at,
    coalesce(sums.loaded_at, reports.loaded_at) as loaded_at
from reports
left join sums
    on reports.account = sums.account
    and reports.settlement = sums.settlement_id
left join {{ ref('marketplaces') }} as marketplaces
    on reports.marketplace_id = marketplaces.marketplace_id
where reports.copy = 1
