{% macro delete_days_without_postings() %}
    {#- Delete the rows of `profit_and_loss` of days on which nothing counts any more. If the tap reads
        a deferred transaction later than the one that releases its money, the posting moves to the
        day of the first, and the other day may be left without any. -#}
    {%- if is_incremental() -%}
delete from {{ this }}
where exists (
    select 1
    from {{ ref('int_releases') }} as releases
    where {{ amazon_sp.was_built_since('releases.built_at') }}
        and releases.account = {{ this }}.account
        and releases.release_day = {{ this }}.posted_day
)
and not exists (
    select 1
    from {{ ref('int_posted_lines') }} as posted
    where posted.account = {{ this }}.account
        and posted.posted_day = {{ this }}.posted_day
        and posted.charge_kind <> 'transfers'
        and (posted.amount <> 0 or posted.units <> 0)
)
    {%- endif -%}
{% endmacro %}
