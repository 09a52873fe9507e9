{%- set raw = amazon_sp.raw_table('financial_event_groups', family='finances') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'FinancialEventGroupId') }} as financial_event_group_id,
    {{ amazon_sp.raw_value(raw, 'ProcessingStatus') }} as processing_status,
    {{ amazon_sp.raw_value(raw, 'FundTransferStatus') }} as fund_transfer_status,
    {{ amazon_sp.raw_value(raw, 'FundTransferDate', 'timestamp') }} as transferred_at,
    {{ amazon_sp.raw_value(raw, 'OriginalTotal.CurrencyCode') }} as currency,
    {{ amazon_sp.raw_value(raw, 'OriginalTotal.CurrencyAmount', 'number') }} as total,
    {{ amazon_sp.raw_value(raw, 'ConvertedTotal.CurrencyCode') }} as converted_currency,
    {{ amazon_sp.raw_value(raw, 'ConvertedTotal.CurrencyAmount', 'number') }} as converted_total,
    {{ amazon_sp.raw_value(raw, 'BeginningBalance.CurrencyAmount', 'number') }} as beginning_balance,
    {{ amazon_sp.raw_value(raw, 'TraceId') }} as trace_id,
    {{ amazon_sp.raw_value(raw, 'AccountTail') }} as account_tail,
    {{ amazon_sp.raw_value(raw, 'FinancialEventGroupStart', 'timestamp') }} as started_at,
    {{ amazon_sp.raw_value(raw, 'FinancialEventGroupEnd', 'timestamp') }} as ended_at,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
