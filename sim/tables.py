"""Every output column, once: its name, type, unit and what it means.

Whoever writes a column (the scorecard's JSON, the CSV files, the nomenclature page) takes its meaning from here, and a
test fails when an output carries a column that is not declared.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BALANCES",
    "CLAUSES",
    "COMPARISON",
    "CRITICALITY",
    "ENTRIES",
    "HEADLINE",
    "SENSITIVITY",
    "SPREAD",
    "STRESS",
    "TABLES",
    "WEATHER_ESTIMATES",
    "WEATHER_TAILS",
    "Column",
    "Table",
    "column",
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        As written in JSON and CSV; the unit is part of the name where there is one.
    type : str
        ``text``, ``int``, ``float``, ``bool`` or ``time`` (whole seconds since the season's origin).
    unit : str
        Empty for a count, a share or a text.
    zh, en : str
        What it means.
    """

    name: str
    type: str
    unit: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, meaning and columns in order."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """Return the columns' names in order."""
        return tuple(column.name for column in self.columns)


HEADLINE = Table(
    "headline",
    "主要指标（一季）",
    "headline numbers of one season",
    (
        Column(
            "dwelling_hours_below_18_in_scope",
            "float",
            "h",
            "室温低于18℃的户时数，仅计正常天气且系统正常运行（二（3））",
            "dwelling-hours below 18 degC in normal weather with the system running normally (clause 2.3)",
        ),
        Column(
            "dwelling_hours_below_18_strict",
            "float",
            "h",
            "室温低于18℃的户时数，供热期内不作任何排除",
            "dwelling-hours below 18 degC in the heating period, nothing excused",
        ),
        Column("degree_hours_below_18", "float", "K h", "低于18℃的户度时数", "dwelling degree-hours below 18 degC"),
        Column("degree_hours_below_16", "float", "K h", "低于16℃的户度时数", "dwelling degree-hours below 16 degC"),
        Column("degree_hours_below_14", "float", "K h", "低于14℃的户度时数", "dwelling degree-hours below 14 degC"),
        Column("degree_hours_below_12", "float", "K h", "低于12℃的户度时数", "dwelling degree-hours below 12 degC"),
        Column(
            "share_dwellings_always_18_in_scope",
            "float",
            "",
            "计入范围内始终不低于18℃的住户占比",
            "share of dwellings that are never below 18 degC in scope",
        ),
        Column(
            "share_dwellings_always_18_strict",
            "float",
            "",
            "整个供热期始终不低于18℃的住户占比",
            "share of dwellings that are never below 18 degC in the heating period",
        ),
        Column(
            "share_dwelling_hours_18_in_scope",
            "float",
            "",
            "计入范围内不低于18℃的户时占比",
            "share of the dwelling-hours in scope at or above 18 degC",
        ),
        Column(
            "share_dwelling_hours_18_strict",
            "float",
            "",
            "供热期全部户时中不低于18℃的占比",
            "share of all dwelling-hours of the heating period at or above 18 degC",
        ),
        Column(
            "coldest_1pct_hours_below_18",
            "float",
            "h",
            "最冷1%住户户均低于18℃的小时数",
            "mean hours below 18 degC of the coldest 1 % of dwellings",
        ),
        Column(
            "coldest_1pct_degree_hours",
            "float",
            "K h",
            "最冷1%住户户均低于18℃的度时数",
            "mean degree-hours below 18 degC of the coldest 1 % of dwellings",
        ),
        Column(
            "coldest_1pct_mean_c",
            "float",
            "degC",
            "最冷1%住户的平均室温",
            "mean room temperature of the coldest 1 % of dwellings",
        ),
        Column(
            "coldest_1_percent",
            "text",
            "",
            "最冷1%住户所在的小区：户数、平均室温、低于18℃的小时数",
            "estates of the coldest 1 % of dwellings: how many, mean temperature, hours below 18 degC",
        ),
        Column(
            "outdoor_mean_c", "float", "degC", "供热期室外平均气温", "mean outdoor temperature of the heating period"
        ),
        Column(
            "coldest_day_c",
            "float",
            "degC",
            "供热期最冷一日的平均气温",
            "mean of the coldest day of the heating period",
        ),
        Column(
            "min_days_of_cover",
            "float",
            "d",
            "库存燃料储备天数的最小值（不含管道气，其见 min_contract_cover）",
            "least days of cover of stored fuel (pipeline gas is not in it: min_contract_cover)",
        ),
        Column(
            "heat_shed_gj",
            "float",
            "GJ",
            "因燃料、容量或限量而未供的热量（停热的热力站不在其内）",
            "heat asked for and not supplied, for want of fuel or capacity or by rationing (stopped substations apart)",
        ),
        Column("heat_shed_fuel_gj", "float", "GJ", "其中因缺燃料而未供的热量", "of it, for want of fuel"),
        Column("min_contract_cover", "float", "", "管道气合同量与需求之比的最小值", "least contracted gas over need"),
        Column("outages", "int", "", "停热次数（按热力站计）", "stops of heat, counted per substation"),
        Column("longest_outage_h", "float", "h", "最长停热时间", "longest stop of heat"),
        Column("calls", "int", "", "来电数", "calls to the hotline"),
        Column("answered_share", "float", "", "接通率", "share of calls answered"),
        Column("complaints", "int", "", "受理投诉数", "complaints accepted"),
        Column("heat_gj", "float", "GJ", "热源供热量", "heat sent out by the sources"),
        Column("heat_delivered_gj", "float", "GJ", "热力站得到的热量", "heat delivered to the substations"),
        Column(
            "heat_before_start_gj",
            "float",
            "GJ",
            "供热开始前（试运行、预热）的产热",
            "heat made before the start: trial run, preheat",
        ),
        Column("heat_lost_gj", "float", "GJ", "管网散失的热量", "heat lost to the ground"),
        Column("heat_interim_gj", "float", "GJ", "移动锅炉供热量", "heat given by mobile boilers"),
        Column("electricity_mwh", "float", "MWh", "循环泵用电", "electricity of the pumps"),
        Column("power_mwh", "float", "MWh", "热电联产发电量", "electricity that units make beside heat"),
        Column(
            "units",
            "text",
            "",
            "各机组：供热量 [GJ]、发电量 [MWh]、运行小时、启动次数、效率",
            "by unit: heat [GJ], electricity made [MWh], hours at work, starts, efficiency",
        ),
        Column("tanks", "text", "GJ", "各蓄热水罐：蓄热、放热、存热", "by hot-water tank: heat taken, given and held"),
        Column("water_t", "float", "t", "补水量", "make-up water"),
        Column("crew_hours", "float", "h", "抢修队作业时间", "crews at work"),
        Column("fuel", "text", "", "各储库的燃料消耗量", "fuel burnt, by store, with its unit"),
        Column("cost_cny", "float", "CNY", "一季总成本", "cost of the season"),
        Column("cost_cny_m2", "float", "CNY/m2", "每平方米供热面积的成本", "cost per square metre of heated area"),
        Column("cost_split_cny", "text", "CNY", "成本构成", "cost by kind"),
        Column(
            "cost_split_cny_m2", "text", "CNY/m2", "每平方米成本构成", "cost by kind per square metre of heated area"
        ),
        Column(
            "staff_split_cny", "text", "CNY", "值班人员工资（按班次）", "wages of those on duty, by group and shift"
        ),
        Column("refund_split_cny", "text", "CNY", "应退费（按室温档）", "refunds due, by tier of room temperature"),
        Column("revenue_cny", "float", "CNY", "已收热费", "heat fees received"),
        Column("revenue_owed_cny", "float", "CNY", "尚欠热费", "heat fees still owed"),
        Column("co2_t", "float", "t", "二氧化碳排放量", "carbon dioxide emitted"),
        Column(
            "co2_value_cny",
            "float",
            "CNY",
            "二氧化碳按碳价折算，不计入成本",
            "carbon dioxide at the carbon price, not part of the cost",
        ),
        Column("balance_error", "float", "", "各守恒账中最大的相对误差", "largest relative error of the balances"),
    ),
)

CLAUSES = Table(
    "clauses",
    "逐条评分",
    "score by clause",
    (
        Column("id", "text", "", "条款编号", "clause id"),
        Column("place", "text", "", "在服务指南中的位置", "place in the guide"),
        Column("counted", "text", "", "各数量所计的是什么", "what the amounts count"),
        Column("bearer", "text", "", "责任主体（企业或主管部门）", "who bears the duty: operator or authority"),
        Column(
            "status",
            "text",
            "",
            "结论：met、breached、open、excused、not_triggered、reported、no_evidence、not_simulated",
            "conclusion: met, breached, open, excused, not_triggered, reported, no_evidence or not_simulated",
        ),
        Column("met", "float", "", "达标数（二（3）按户时计）", "duties met (clause 2.3: dwelling-hours)"),
        Column("late", "float", "", "逾期数", "duties met late"),
        Column("missed", "float", "", "未履行数", "duties missed"),
        Column("open", "float", "", "记录结束时尚未到期数", "duties due only after the record ends"),
        Column("excused", "float", "", "依规免责数", "duties excused"),
        Column("compliance", "float", "", "履行率：met /（met + late + missed）", "met / (met + late + missed)"),
        Column("assumed", "bool", "", "数值或解读为假定", "whether a number or reading is assumed"),
        Column(
            "margin",
            "float",
            "",
            "裕度：距违反还有多少，或共差多少（负）",
            "how far from breaking, or all it lacks (negative)",
        ),
        Column("unit", "text", "", "裕度的单位", "unit of the margin"),
        Column("relative_margin", "float", "", "无量纲裕度，-1 至 1", "the margin without a unit, from -1 to 1"),
        Column("weight", "float", "", "在总分中的权重", "weight in the score"),
        Column("worst", "text", "", "最差一项结论的编号，供 explain 使用", "address of the worst verdict"),
        Column("worst_replication", "int", "", "最差一项所在的重复编号", "replication that holds the worst verdict"),
        Column("reason_zh", "text", "", "未模拟的原因（中文）", "why it is not simulated, in Chinese"),
        Column("reason_en", "text", "", "未模拟的原因（英文）", "why it is not simulated, in English"),
        Column("parts", "text", "", "各分项的同样数值", "the same numbers for each part"),
        Column("indicators", "text", "", "并列显示、不计分的指标", "numbers shown beside it, not scored"),
    ),
)

ENTRIES = Table(
    "entries",
    "事件记录",
    "what happened, one row each",
    (
        Column("seq", "int", "", "序号", "row number, in the order of noting"),
        Column("at", "time", "s", "时刻，自起点零时的整秒数", "whole seconds since the season's origin"),
        Column("what", "text", "", "事件种类", "kind of happening"),
        Column("case", "int", "", "所属工单，无则为-1", "case it belongs to, or -1"),
        Column("subject", "int", "", "对象：对象表的行号或住户编号", "row of the subjects table, or a dwelling"),
        Column("cause", "int", "", "起因事件的序号，链条起点为-1", "seq of the entry it followed from, or -1"),
        Column("origin", "text", "", "来源：模拟或实测", "simulated or observed"),
        Column("value", "float", "", "数值，含义随事件种类", "a number whose meaning the kind defines"),
        Column("detail", "text", "", "细节", "contents too rich for one number"),
    ),
)

BALANCES = Table(
    "balances",
    "守恒账",
    "ledgers that must close",
    (
        Column("ledger", "text", "", "账目", "the ledger"),
        Column("error", "float", "", "误差：能量、燃料、水为相对值，来电与工单为整数", "relative, or an integer"),
    ),
)

SPREAD = Table(
    "spread",
    "多次重复的统计量",
    "a number over many winters",
    (
        Column("mean", "float", "", "均值", "mean"),
        Column("se", "float", "", "均值的标准误", "standard error of the mean"),
        Column("p05", "float", "", "5%分位数", "5 % quantile"),
        Column("p50", "float", "", "中位数", "median"),
        Column("p95", "float", "", "95%分位数", "95 % quantile"),
        Column("n", "int", "", "有值的重复次数，少于总次数时给出", "winters that have a value, when not all have"),
        Column("pooled", "float", "", "先合并计数再相除（仅履行率）", "counts pooled before dividing (compliance)"),
    ),
)

COMPARISON = Table(
    "comparison",
    "同一批冬季上的配对差",
    "paired difference on common winters",
    (
        Column("mean", "float", "", "差的均值（后者减前者）", "mean difference, second less first"),
        Column("se", "float", "", "差的标准误", "standard error of the difference"),
        Column("low", "float", "", "置信区间下限", "lower end of the interval"),
        Column("high", "float", "", "置信区间上限", "upper end of the interval"),
        Column("n", "int", "", "配对数", "pairs"),
    ),
)

CRITICALITY = Table(
    "criticality",
    "关键性：逐一失去各元件",
    "criticality: each element lost in turn",
    (
        Column("rank", "int", "", "名次，1为最严重", "rank, 1 is the worst"),
        Column("kind", "text", "", "元件种类", "kind of element"),
        Column("id", "text", "", "元件编号；阀门为 管道@端", "id; of a valve: pipe@end"),
        Column("road", "text", "", "所在道路", "road"),
        Column("operator", "text", "", "供热企业", "operator"),
        Column("district", "text", "", "行政区", "district"),
        Column("pipes_emptied", "int", "", "须放空的管道数", "pipes emptied with it"),
        Column("substations_cut_off", "int", "", "停热的热力站数", "substations cut off"),
        Column("dwellings_cut_off", "int", "", "停热的住户数", "dwellings cut off"),
        Column("area_cut_off_m2", "float", "m2", "停热的供热面积", "heated area cut off"),
        Column("first_h_18", "float", "h", "最早降至18℃以下的时间", "until the first dwellings are below 18 degC"),
        Column("first_h_14", "float", "h", "最早降至14℃以下的时间", "until the first dwellings are below 14 degC"),
        Column("first_h_12", "float", "h", "最早降至12℃以下的时间", "until the first dwellings are below 12 degC"),
        Column("half_h_18", "float", "h", "半数停热住户降至18℃以下的时间", "until half of them are below 18 degC"),
        Column("half_h_14", "float", "h", "半数停热住户降至14℃以下的时间", "until half of them are below 14 degC"),
        Column("half_h_12", "float", "h", "半数停热住户降至12℃以下的时间", "until half of them are below 12 degC"),
        Column("repair_h", "float", "h", "修复所需时间", "repair time"),
        Column("repaired_dwellings_18", "int", "", "修复前降至18℃以下的住户", "dwellings below 18 degC until repaired"),
        Column("repaired_dwellings_14", "int", "", "修复前降至14℃以下的住户", "dwellings below 14 degC until repaired"),
        Column("repaired_dwellings_12", "int", "", "修复前降至12℃以下的住户", "dwellings below 12 degC until repaired"),
        Column("repaired_degree_hours", "float", "K h", "修复前低于18℃的户度时", "degree-hours until repaired"),
        Column("repaired_least_c", "float", "degC", "修复前最低室温", "least room temperature until repaired"),
        Column("left_dwellings_18", "int", "", "不修复时降至18℃以下的住户", "dwellings below 18 degC, not repaired"),
        Column("left_dwellings_14", "int", "", "不修复时降至14℃以下的住户", "dwellings below 14 degC, not repaired"),
        Column("left_dwellings_12", "int", "", "不修复时降至12℃以下的住户", "dwellings below 12 degC, not repaired"),
        Column("left_degree_hours", "float", "K h", "不修复时低于18℃的户度时", "degree-hours, not repaired"),
        Column("left_least_c", "float", "degC", "不修复时最低室温", "least room temperature, not repaired"),
    ),
)

STRESS = Table(
    "stress",
    "压力测试：各组各水平的均值",
    "stress tables: means at each combination of levels",
    (
        Column("block", "text", "", "组", "block of the suite"),
        Column("date", "text", "", "寒潮、短缺、爆管的日期（月-日）", "when cold, cuts and bursts begin, month-day"),
        Column("depth_k", "float", "K", "寒潮降温幅度", "depth of the cold wave"),
        Column("plateau_days", "float", "d", "低温持续天数", "days that it stays cold"),
        Column("extension_days", "int", "d", "延期停热天数", "days the season is extended by decision"),
        Column("rule_below_c", "float", "degC", "按规则延期的阈值", "threshold of an extension by rule"),
        Column("cut_share", "float", "", "燃料短缺份额", "share of every fuel withheld"),
        Column("cut_days", "float", "d", "短缺天数", "days that it is withheld"),
        Column("reserve_days", "float", "d", "储备天数", "days of cover kept"),
        Column("burst", "text", "", "爆裂的管道", "pipe that bursts"),
        Column("dwelling_hours_below_18_strict", "float", "h", "低于18℃的户时", "dwelling-hours below 18 degC"),
        Column("degree_hours_below_18", "float", "K h", "低于18℃的户度时", "degree-hours below 18 degC"),
        Column("heat_shed_gj", "float", "GJ", "未供热量", "heat asked for and not supplied"),
        Column("longest_outage_h", "float", "h", "最长停热", "longest stop of heat"),
        Column("answered_share", "float", "", "接通率", "share of calls answered"),
        Column("heat_gj", "float", "GJ", "供热量", "heat sent out"),
        Column("cost_cny", "float", "CNY", "成本", "cost of the season"),
        Column("cost_more_cny", "float", "CNY", "比无压力时多出的成本", "cost beyond that without strain"),
        Column("after_dwelling_hours_below_18", "float", "h", "法定停热后的低温户时", "the same after the legal end"),
        Column("after_degree_hours_below_18", "float", "K h", "法定停热后的户度时", "degree-hours after the legal end"),
        Column("after_days_extended", "float", "d", "实际延期天数", "days extended"),
        Column("broken", "text", "", "未达标的条款", "clauses that broke"),
    ),
)

SENSITIVITY = Table(
    "sensitivity",
    "敏感性：各不确定输入的影响",
    "sensitivity: what each uncertain input does to each number",
    (
        Column("number", "text", "", "结果指标", "the result"),
        Column("path", "text", "", "输入的路径；winter 为冬季本身", "path of the input; winter: the winter itself"),
        Column("value", "float", "", "现值", "as the scenario has it"),
        Column("low", "float", "", "范围下限", "lower end of its range"),
        Column("high", "float", "", "范围上限", "upper end of its range"),
        Column("mu_star", "float", "", "莫里斯平均绝对效应", "Morris: mean absolute effect over the range"),
        Column("mu", "float", "", "莫里斯平均效应", "Morris: mean effect over the range"),
        Column("sigma", "float", "", "效应的标准差", "Morris: standard deviation of the effects"),
        Column("error", "float", "", "平均绝对效应的误差", "Morris: error of the mean absolute effect"),
        Column("first", "float", "", "索博尔一阶占比", "Sobol: share of variance by itself"),
        Column("total", "float", "", "索博尔总占比", "Sobol: share of variance with interactions"),
        Column("distance", "float", "", "PAWN 分布距离", "PAWN: distance of distributions"),
    ),
)

WEATHER_ESTIMATES = Table(
    "weather_estimates",
    "气象率定：发生器的数值",
    "weather fit: numbers of the generator",
    (
        Column("path", "text", "", "情景中 weather 之下的路径", "path below weather in a scenario"),
        Column("value", "float", "", "率定值", "as fitted"),
        Column("se", "float", "", "标准误", "standard error"),
        Column("before", "float", "", "情景的原值", "as the scenario had it"),
    ),
)

WEATHER_TAILS = Table(
    "weather_tails",
    "气象率定：尾部温度",
    "weather fit: tail temperatures",
    (
        Column("days", "float", "d", "每冬低于该温度的天数", "days a winter that are below it"),
        Column("observed_c", "float", "degC", "观测值", "of the data"),
        Column("se_k", "float", "K", "标准误", "standard error"),
        Column("generator_c", "float", "degC", "率定后发生器的值", "of the generator as fitted"),
    ),
)

TABLES: tuple[Table, ...] = (
    HEADLINE, CLAUSES, ENTRIES, BALANCES, SPREAD, COMPARISON, CRITICALITY, STRESS, SENSITIVITY, WEATHER_ESTIMATES,
    WEATHER_TAILS,
)  # fmt: skip


def column(table: Table, name: str) -> Column:
    """Return a table's column by name; a name that is not declared is a KeyError."""
    for candidate in table.columns:
        if candidate.name == name:
            return candidate
    raise KeyError(f"{table.name}.{name}")
