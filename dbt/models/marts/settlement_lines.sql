{#- A settlement is built again as a whole when it has new lines, or was requested once more. -#}
{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'settlement_id'],
    indexes=[
        {'columns': ['account', 'settlement_id', 'line_number']},
        {'columns': ['account', 'order_id']},
        {'columns': ['loaded_at']},
        {'columns': ['built_at']},
    ],
) }}
with report_lines as not materialized (
    select
        lines.*,
        coalesce(nullif(lines.settlement_id, ''), lines.report_id) as settlement,
        -- The first line of a report has the total, and no amount.
        lines.amount is null and lines.total_amount is not null as is_total
    from {{ ref('stg_amazon_sp__settlement_lines') }} as lines
),

new_settlements as materialized (
    select distinct
        report_lines.account,
        report_lines.settlement
    from report_lines
    where {{ amazon_sp.is_new('report_lines.loaded_at') }}
        and not report_lines.is_total
    {%- if is_incremental() %}
        -- A line of a report never changes. PostgreSQL looks up each line here; it would join all of them
        -- to those that are there.
        and report_lines.report_id is distinct from (
            select max(built.report_id)
            from {{ this }} as built
            where built.account = report_lines.account
                and built.settlement_id = report_lines.settlement
                and built.line_number = report_lines.line_number
        )
    {%- endif %}
),

reports as (
    select
        report_lines.account,
        report_lines.settlement,
        report_lines.report_id,
        max(nullif(report_lines.currency, '')) as currency,
        max(max(report_lines.loaded_at)) over (
            partition by report_lines.account, report_lines.settlement
        ) as loaded_at,
        -- A settlement is in several reports if it was requested more than once; the latest counts.
        row_number() over (
            partition by report_lines.account, report_lines.settlement
            order by max(report_lines.report_created_at) desc nulls last, report_lines.report_id desc
        ) as copy
    from report_lines
    inner join new_settlements
        on report_lines.account = new_settlements.account
        and report_lines.settlement = new_settlements.settlement
    group by
        report_lines.account,
        report_lines.settlement,
        report_lines.report_id
),

lines as (
    select
        report_lines.account,
        report_lines.settlement as settlement_id,
        report_lines.line_number,
        report_lines.report_id,
        {{ amazon_sp.json_only_text('report_lines.marketplace_ids') }} as marketplace_id,
        nullif(report_lines.marketplace_name, '') as marketplace_name,
        report_lines.posted_at,
        coalesce(report_lines.transaction_type, '') as transaction_type,
        nullif(report_lines.order_id, '') as order_id,
        nullif(report_lines.seller_order_id, '') as seller_order_id,
        nullif(report_lines.order_item_id, '') as order_item_id,
        nullif(report_lines.shipment_id, '') as shipment_id,
        nullif(report_lines.adjustment_id, '') as adjustment_id,
        nullif(report_lines.sku, '') as sku,
        case report_lines.fulfillment_id
            when 'AFN' then 'AMAZON'
            when 'MFN' then 'MERCHANT'
        end as fulfilled_by,
        coalesce(report_lines.amount_type, '') as amount_type,
        coalesce(report_lines.amount_description, '') as amount_description,
        report_lines.quantity,
        nullif(report_lines.promotion_id, '') as promotion_id,
        coalesce(nullif(report_lines.currency, ''), reports.currency) as currency,
        report_lines.amount,
        reports.loaded_at
    from report_lines
    inner join reports
        on report_lines.account = reports.account
        and report_lines.settlement = reports.settlement
        and report_lines.report_id = reports.report_id
    where reports.copy = 1
        and not report_lines.is_total
),

charge_kinds as materialized (
    {{ amazon_sp.charge_kinds_of_settlements('lines') }}
)

select
    lines.account,
    lines.settlement_id,
    lines.line_number,
    lines.report_id,
    lines.marketplace_id,
    marketplaces.country,
    lines.marketplace_name,
    lines.posted_at,
    {{ amazon_sp.marketplace_day('lines.posted_at') }} as posted_day,
    lines.transaction_type,
    lines.order_id,
    lines.seller_order_id,
    lines.order_item_id,
    lines.shipment_id,
    lines.adjustment_id,
    lines.sku,
    lines.fulfilled_by,
    lines.amount_type,
    lines.amount_description,
    charge_kinds.charge_kind,
    lines.quantity,
    lines.promotion_id,
    lines.currency,
    lines.amount,
    {{ amazon_sp.built_at() }} as built_at,
    lines.loaded_at
from lines
left join charge_kinds
    on lines.transaction_type = charge_kinds.transaction_type
    and lines.amount_type = charge_kinds.amount_type
    and lines.amount_description = charge_kinds.amount_description
left join {{ ref('marketplaces') }} as marketplaces
    on lines.marketplace_id = marketplaces.marketplace_id
