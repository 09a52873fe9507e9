{{
    config(
        enabled=var('amazon_sp_traffic'),
        materialized='incremental',
        unique_key=['account', 'marketplace_id', 'start_day'],
        indexes=[{'columns': ['loaded_at']}],
    )
}}
with windows as (
    select
        *,
        {#- Amazon ignores the hours of the request and counts in days of its own. #}
        {{ amazon_sp.local_day('data_start_at', "'UTC'") }} as start_day,
        {{ amazon_sp.local_day('data_end_at', "'UTC'") }} as end_day
    from {{ ref('stg_amazon_sp__report_sales_and_traffic_by_asin') }}
),

{#- A loader may write the rows of one report in two parts, so whole windows are built. #}
changed as (
    select distinct
        account,
        marketplace_id,
        start_day
    from windows
    where {{ amazon_sp.is_new() }}
),

ranked as (
    select
        windows.*,
        {#- An item that a later report of the window lacks is not in it. #}
        max(windows.report_created_at) over (
            partition by windows.account, windows.marketplace_id, windows.start_day
        ) as newest,
        row_number() over (
            partition by
                windows.account,
                windows.marketplace_id,
                windows.start_day,
                windows.parent_asin,
                windows.child_asin,
                windows.sku
            order by windows.report_created_at desc nulls last, windows.loaded_at desc nulls last
        ) as place
    from windows
    inner join changed
        on windows.account = changed.account
        and windows.marketplace_id = changed.marketplace_id
        and windows.start_day = changed.start_day
)

select
    ranked.account,
    ranked.marketplace_id,
    ranked.start_day,
    ranked.parent_asin,
    coalesce(nullif(ranked.child_asin, '(none)'), '') as child_asin,
    coalesce(nullif(ranked.sku, '(none)'), '') as sku,
    marketplaces.country,
    ranked.end_day,
    case when ranked.end_day = ranked.start_day then ranked.start_day end as day,
    coalesce(nullif(ranked.child_asin, '(none)'), ranked.parent_asin) as asin,
    ranked.sessions,
    ranked.browser_sessions,
    ranked.mobile_app_sessions,
    ranked.page_views,
    ranked.units_ordered,
    ranked.order_items,
    ranked.currency,
    ranked.revenue,
    ranked.units_ordered_by_businesses,
    ranked.revenue_from_businesses,
    {{ amazon_sp.ratio('ranked.units_ordered', 'ranked.sessions', 6) }} as conversion,
    ranked.buy_box_percentage,
    ranked.loaded_at
from ranked
left join {{ ref('marketplaces') }} as marketplaces
    on ranked.marketplace_id = marketplaces.marketplace_id
where ranked.place = 1
    and (ranked.report_created_at = ranked.newest or ranked.newest is null)
