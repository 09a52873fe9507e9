{{ config(materialized='view', enabled=var('amazon_sp_exchange_rates') is not none) }}
select
    from_currency,
    cast(day as date) as valid_from,
    lead(cast(day as date)) over (
        partition by from_currency
        order by cast(day as date)
    ) as valid_until,
    cast(rate as numeric(38, 12)) as rate
from {{ var('amazon_sp_exchange_rates') }}
where to_currency = '{{ amazon_sp.report_currency() }}'
