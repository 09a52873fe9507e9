{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'settlement_id'],
) }}
{%- set kinds = amazon_sp.charge_kind_names() %}
{%- set of_refunds = ['revenue', 'shipping', 'gift_wrap', 'discounts', 'tax', 'tax_withheld'] %}
with report_lines as (
    select
        lines.*,
        coalesce(nullif(lines.settlement_id, ''), lines.report_id) as settlement
    from {{ ref('stg_amazon_sp__settlement_lines') }} as lines
),

new_settlements as (
    select
        account,
        settlement
    from report_lines
    where {{ amazon_sp.is_new() }}
    group by
        account,
        settlement
),

-- The first line of a report has the total, the period and the day of deposit.
reports as (
    select
        report_lines.account,
        report_lines.settlement,
        report_lines.report_id,
        {{ amazon_sp.json_only_text('report_lines.marketplace_ids') }} as marketplace_id,
        report_lines.currency,
        report_lines.started_at,
        report_lines.ended_at,
        report_lines.deposited_at,
        report_lines.total_amount,
        report_lines.loaded_at,
        row_number() over (
            partition by report_lines.account, report_lines.settlement
            order by
                report_lines.report_created_at desc nulls last,
                report_lines.report_id desc,
                report_lines.line_number
        ) as copy
    from report_lines
    inner join new_settlements
        on report_lines.account = new_settlements.account
        and report_lines.settlement = new_settlements.settlement
    where report_lines.total_amount is not null
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
                and lines.charge_kind in ({% for kind in of_refunds %}'{{ kind }}'{{ ', ' if not loop.last }}{% endfor %})
                then lines.amount
            else 0
        end) as refunds,
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
    coalesce(sums.loaded_at, reports.loaded_at) as loaded_at
from reports
left join sums
    on reports.account = sums.account
    and reports.settlement = sums.settlement_id
left join {{ ref('marketplaces') }} as marketplaces
    on reports.marketplace_id = marketplaces.marketplace_id
where reports.copy = 1
