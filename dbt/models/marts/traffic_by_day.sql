{{ config(enabled=var('amazon_sp_traffic')) }}
with days as (
    select
        *,
        row_number() over (
            partition by account, marketplace_id, day
            order by report_created_at desc nulls last, loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__report_sales_and_traffic') }}
)

select
    days.account,
    days.marketplace_id,
    days.day,
    marketplaces.country,
    days.sessions,
    days.browser_sessions,
    days.mobile_app_sessions,
    days.page_views,
    days.units_ordered,
    days.order_items,
    days.units_shipped,
    days.units_refunded,
    days.currency,
    days.revenue,
    days.shipped_revenue,
    days.units_ordered_by_businesses,
    days.revenue_from_businesses,
    {{ amazon_sp.ratio('days.units_ordered', 'days.sessions', 6) }} as conversion,
    days.buy_box_percentage,
    days.feedback_received,
    days.negative_feedback_received,
    days.loaded_at
from days
left join {{ ref('marketplaces') }} as marketplaces
    on days.marketplace_id = marketplaces.marketplace_id
where days.place = 1
