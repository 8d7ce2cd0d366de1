// Tables of messages between callers, the dealer and callees.
#pragma once

#include "fields_parts.hpp"

namespace autobahn::inline v0::wamp {

template <>
struct Wire<message::Call::Options> {
  using S = message::Call::Options;
  static constexpr std::tuple fields{
      Field{"timeout", &S::timeout, Rule::notNegative},
      Field{"receive_progress", &S::receiveProgress},
      Field{"progress", &S::progress},
      Field{"disclose_me", &S::discloseMe},
      Field{"transaction_hash", &S::transactionHash},
      callerField(&S::caller),
      Field{"runmode", &S::runmode},
      Field{"rkey", &S::rkey},
      GroupField{&S::passthru},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Call> {
  using S = message::Call;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
      Field{"Procedure", &S::procedure, Rule::uri},
      Field{"Arguments", &S::payload},
  };
};

template <>
struct Wire<message::Cancel::Options> {
  using S = message::Cancel::Options;
  static constexpr std::tuple fields{
      Field{"mode", &S::mode},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Cancel> {
  using S = message::Cancel;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
  };
};

template <>
struct Wire<message::Result::Details> {
  using S = message::Result::Details;
  static constexpr std::tuple fields{
      Field{"progress", &S::progress},
      calleeField(&S::callee),
      GroupField{&S::passthru},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Result> {
  using S = message::Result;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Details", &S::details},
      Field{"Arguments", &S::payload},
  };
};

template <>
struct Wire<message::Register::Options> {
  using S = message::Register::Options;
  static constexpr std::tuple fields{
      Field{"match", &S::match},
      Field{"invoke", &S::invoke},
      Field{"concurrency", &S::concurrency, Rule::positive},
      Field{"force_reregister", &S::forceReregister},
      Field{"disclose_caller", &S::discloseCaller},
      Field{"forward_timeout", &S::forwardTimeout},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Register> {
  using S = message::Register;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
      Field{"Procedure", &S::procedure, Rule::pattern},
  };
};

template <>
struct Wire<message::Registered> {
  using S = message::Registered;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Registration", &S::registration, Rule::id},
  };
};

template <>
struct Wire<message::Unregister::Options> {
  using S = message::Unregister::Options;
  static constexpr std::tuple fields{
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Unregister> {
  using S = message::Unregister;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Registration", &S::registration, Rule::id},
      Field{"Options", &S::options, Rule::optional},
  };
};

template <>
struct Wire<message::Unregistered::Details> {
  using S = message::Unregistered::Details;
  static constexpr std::tuple fields{
      Field{"registration", &S::registration, Rule::id},
      Field{"reason", &S::reason, Rule::uri},
  };
};

template <>
struct Wire<message::Unregistered> {
  using S = message::Unregistered;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::idOrZero},
      Field{"Details", &S::details, Rule::optional},
  };
};

template <>
struct Wire<message::Invocation::Details> {
  using S = message::Invocation::Details;
  static constexpr std::tuple fields{
      Field{"timeout", &S::timeout, Rule::notNegative},
      Field{"receive_progress", &S::receiveProgress},
      Field{"progress", &S::progress},
      callerField(&S::caller),
      Field{"procedure", &S::procedure, Rule::uri},
      Field{"trustlevel", &S::trustlevel, Rule::notNegative},
      Field{"transaction_hash", &S::transactionHash},
      GroupField{&S::passthru},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Invocation> {
  using S = message::Invocation;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Registration", &S::registration, Rule::id},
      Field{"Details", &S::details},
      Field{"Arguments", &S::payload},
  };
};

template <>
struct Wire<message::Interrupt::Options> {
  using S = message::Interrupt::Options;
  static constexpr std::tuple fields{
      Field{"mode", &S::mode},
      Field{"reason", &S::reason, Rule::uri},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Interrupt> {
  using S = message::Interrupt;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
  };
};

template <>
struct Wire<message::Yield::Options> {
  using S = message::Yield::Options;
  static constexpr std::tuple fields{
      Field{"progress", &S::progress},
      calleeField(&S::callee),
      GroupField{&S::passthru},
      Field{"forward_for", &S::forwardFor},
  };
};

template <>
struct Wire<message::Yield> {
  using S = message::Yield;
  static constexpr std::tuple fields{
      Field{"Request", &S::request, Rule::id},
      Field{"Options", &S::options},
      Field{"Arguments", &S::payload},
  };
};

}  // namespace autobahn::inline v0::wamp
